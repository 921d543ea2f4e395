/** Whom GitHub knows. */

export type Person = {login: string | null; name: string; email: string; id: number; bot?: boolean};

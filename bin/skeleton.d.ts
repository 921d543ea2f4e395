declare const skeleton: {
	/** Bytes. */
	LIMIT: number;
	folder(name: string): string;
	file(argv: readonly string[], columns: number, rows: number): string;
	load(version: string, argv: readonly string[], columns: number, rows: number): string | null;
	save(version: string, argv: readonly string[], columns: number, rows: number, frame: string): boolean;
	show(version: string, argv: readonly string[]): {skeletonShown: boolean; release(): void; restore(): void};
};
export = skeleton;

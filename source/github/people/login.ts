/** Whom the token belongs to. */
import {sanitise} from '../../core/text/sanitise.ts';
import type {Connection} from '../http/connection.ts';
import {Trouble} from '../failures/trouble.ts';

/** null: could not be asked, or it is no person's. */
export async function login(
	{endpoint, transport}: Connection,
	signal: AbortSignal | undefined,
): Promise<string | null> {
	try {
		const {status, text} = await transport.send({method: 'GET', url: `${endpoint.apiUrl}/user`}, signal);
		const said: unknown = status === 200 ? JSON.parse(text) : null;
		return typeof said === 'object' &&
			said !== null &&
			'login' in said &&
			typeof said.login === 'string' &&
			said.login !== ''
			? sanitise(said.login, 100)
			: null;
	} catch (error) {
		if (error instanceof Trouble || error instanceof SyntaxError) {
			return null;
		}

		throw error;
	}
}

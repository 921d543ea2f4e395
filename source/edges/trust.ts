/**
Certificates that the operator's other programs trust. Node.js knows its own list and NODE_EXTRA_CA_CERTS; `gh`, `git` and `curl` trust the system's.
Reading those takes a fifth of a second, so it is done only once a certificate was not trusted; nothing had been sent over that connection.
*/
import {readFileSync} from 'node:fs';
import type {Environment} from '../core/settings/child-environment.ts';

/** Where systems keep them that OpenSSL's own defaults do not find. */
const bundles: readonly string[] = [
	'/etc/ssl/certs/ca-certificates.crt',
	'/etc/pki/tls/certs/ca-bundle.crt',
	'/etc/ssl/ca-bundle.pem',
	'/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
	'/etc/ssl/cert.pem',
];
const untrusted =
	/^(?:UNABLE_TO_(?:GET_ISSUER_CERT|GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_UNTRUSTED)$/;

/** Whether the issuer of a certificate is not known: what more certificates may mend. A wrong name or date is none of it. */
export const isUntrusted = (error: unknown, depth = 0): boolean =>
	error instanceof Error &&
	depth < 5 &&
	(untrusted.test(String((error as NodeJS.ErrnoException).code)) || isUntrusted(error.cause, depth + 1));

const certificatesIn = (path: string): readonly string[] => {
	try {
		return readFileSync(path, 'utf8')
			.split('-----BEGIN ')
			.filter(block => /^(?:TRUSTED |X509 )?CERTIFICATE-----/.test(block))
			.map(block => `-----BEGIN ${block}`);
	} catch {
		return [];
	}
};

let isExtended = false;

/** Whether the system's certificates are trusted already. */
export const isTrustExtended = (): boolean => isExtended;

/** From now on the system's certificates and those of SSL_CERT_FILE are trusted, too. false: this Node.js (before 22.19) cannot. */
export const extendTrust = (env: Environment): boolean => {
	const tls = process.getBuiltinModule('node:tls');
	if (typeof tls.setDefaultCACertificates !== 'function') return false;
	if (isExtended) return true;
	isExtended = true;
	const named = env['SSL_CERT_FILE'] ? certificatesIn(env['SSL_CERT_FILE']) : [];
	const system = tls.getCACertificates('system');
	const found = system.length > 0 ? system : (bundles.map(certificatesIn).find(list => list.length > 0) ?? []);
	tls.setDefaultCACertificates([...new Set([...tls.getCACertificates('default'), ...found, ...named])]);
	return true;
};

/** Does it again, once, where it failed because of a certificate that the system may trust. */
export const trusting = async <Result>(env: Environment, act: () => Promise<Result>): Promise<Result> => {
	const before = isExtended;
	try {
		return await act();
	} catch (error) {
		if (before || !isUntrusted(error) || !extendTrust(env)) throw error;
		return act();
	}
};

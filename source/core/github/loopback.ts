/** This machine itself, as the host name of a parsed address says it (`URL.hostname`; IPv6 with or without brackets). */
export const isLoopback = (hostname: string): boolean =>
	hostname === 'localhost' || /^(?:\[::1\]|::1)$/.test(hostname) || /^127(?:\.\d{1,3}){3}$/.test(hostname);

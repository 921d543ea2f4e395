/** Globs over paths of files: `**` crosses folders, `*` and `?` do not. */
const escaped = (text: string) => text.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);

export const globMatches = (glob: string, path: string): boolean => {
	const source = glob
		.split(/(\*\*\/|\*\*|\*|\?)/)
		.map(part => {
			switch (part) {
				case '**/':
					return '(?:.*/)?';
				case '**':
					return '.*';
				case '*':
					return '[^/]*';
				case '?':
					return '[^/]';
				default:
					return escaped(part);
			}
		})
		.join('');
	return new RegExp(`^${source}$`).test(path);
};

const migrationFolders = /(?:^|\/)(?:migrations?|db\/migrate|alembic\/versions|flyway|liquibase)\//i;
/** By the folders that tools of all languages put database changes into. */
export const isMigration = (path: string): boolean => migrationFolders.test(path);

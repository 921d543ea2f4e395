/** The sandbox in the words of `deployctl.yml`. */
import {environmentDefaults, type EnvironmentSettings, type Settings} from '../core/settings/settings.ts';
import {sandboxEnvironments, type SandboxPlace} from './place.ts';

/** A deployment takes seconds here; and no operation may outlive what it works on (`silenceMs`). */
const timeoutSeconds = 5 * 60;

const environmentOf = (name: string, front: number): EnvironmentSettings => {
	const defaults = environmentDefaults(name);
	const url = `http://127.0.0.1:${front}`;
	return {
		...defaults,
		url,
		health: [`${url}/health`],
		version: [`${url}/version`],
		deploy: {...defaults.deploy, timeoutSeconds},
		rollback: {...defaults.rollback, timeoutSeconds},
	};
};

/** `settings` with the sandbox's environments: their addresses, and scripts that are called as the contract says. */
export const withSandbox = (settings: Settings, {ports}: SandboxPlace): Settings => ({
	...settings,
	// Long enough to be seen, and short enough to be waited for.
	promotion: {...settings.promotion, soakSeconds: 20, timeoutSeconds},
	environments: sandboxEnvironments.map(name => environmentOf(name, ports[name].front)),
	// The scripts are the templates of this very program; the simulated repository has none to compare them with.
	allowChangedScripts: true,
});

/** The text of a `deployctl.yml` → settings, or everything that is wrong with it. */
import type {Settings} from '../../core/settings/settings.ts';
import type {Problem} from './problem.ts';
import {readYaml} from './read-yaml.ts';
import {findingsOf} from './rules.ts';
import {rawFrom, settingsFrom} from './settings-from.ts';
import {validate} from './validate.ts';

export type Parsed = {ok: true; settings: Settings} | {ok: false; problems: readonly Problem[]};

const inOrder = (problems: readonly Problem[]): Problem[] =>
	problems.toSorted((a, b) => a.line - b.line || a.column - b.column);

/** `fileName` is what the problems name. Never rejects for what the text says. */
export const parseSettings = async (text: string, fileName: string): Promise<Parsed> => {
	const reading = await readYaml(text, fileName);
	// What could not be read is missing from the value: judging the rest would report the consequences as well.
	if (reading.problems.length > 0) {
		return {ok: false, problems: inOrder(reading.problems)};
	}

	const {problems, rejected} = await validate(reading);
	const raw = rawFrom(reading.value, rejected);
	const settings = settingsFrom(raw);
	const findings = findingsOf(raw, settings, rejected).map(({pointer, message, part}) =>
		reading.problemAt(reading.places.get(pointer)?.[part] ?? 0, message),
	);
	return problems.length + findings.length === 0
		? {ok: true, settings}
		: {ok: false, problems: inOrder([...problems, ...findings])};
};

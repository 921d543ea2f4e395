/** What `deployctl init` and its undo are given. */
import type {CommandLine} from '../table/table.ts';
import type {Paint} from './init-text.ts';
import type {Output} from '../desk/context.ts';
import type {Inspection, Proposal, Answers, Mapping} from '../../init/model.ts';

export type InitDesk = {
	root: string;
	output: Output;
	ask: ((question: string) => Promise<string | null>) | null;
	paint: Paint;
	mask(text: string): string;
	/** Which of the paths are not as they are committed; null: git did not say. */
	uncommitted(paths: readonly string[]): Promise<readonly string[] | null>;
	proposer: Proposer;
};

export type InitFlags = Extract<CommandLine, {command: 'init'}>['flags'];

/** Those who look at a repository and propose; loaded when they are wanted. */
export type Proposer = {
	inspect(root: string): Promise<Inspection>;
	defaultAnswers(inspection: Inspection): Answers;
	propose(inspection: Inspection, answers: Answers, mapping: Mapping): Proposal;
};

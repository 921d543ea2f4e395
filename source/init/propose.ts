/** PLACEHOLDER until the room that proposes is there. */
import type {Answers, Inspection, Mapping, Proposal} from './model.ts';

export const defaultAnswers = (_inspection: Inspection): Answers => ({staging: 'develop', production: 'main', shards: 4, urls: {}, existing: 'map'});
export const propose = (inspection: Inspection, answers: Answers, mapping: Mapping): Proposal => ({inspection, answers, mapping, files: [], byHand: []});

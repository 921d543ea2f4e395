/** Operations and plans as programs read them. A stable form: fields may be added, none is taken away; docs/operations.md describes it. */
import {conditionReport} from '../../core/gate/report.ts';
import {overall} from '../../core/releases/observation.ts';
import type {Operation} from '../../core/operations/operation.ts';
import type {Plan} from '../../core/plan/plan.ts';
import type {Offer} from '../../core/releases/release.ts';
import type {ReleaseRef} from '../../core/releases/release-ref.ts';

const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const release = (ref: ReleaseRef | null): string | null => ref?.release ?? null;

export const operationReport = ({
	id,
	kind,
	environment,
	from,
	to,
	sha,
	operator,
	host,
	startedAt,
	finishedAt,
	outcome,
	exitCode,
	because,
	promotion,
	passedLock,
}: Operation) => ({
	id,
	kind,
	environment,
	from: release(from),
	to: release(to),
	sha,
	operator,
	host,
	startedAt: new Date(startedAt).toISOString(),
	finishedAt: time(finishedAt),
	outcome,
	exitCode,
	because,
	...(promotion != null && {promotion}),
	...(passedLock != null && {passedLock}),
});

const offerReport = ({release: {id, sha, isLive, deployedAt}, offered, isDefault, because, canInsist}: Offer) => ({
	release: id,
	sha,
	live: isLive,
	deployedAt: time(deployedAt),
	offered,
	default: isDefault,
	because,
	canInsist,
});

const promotionReport = ({conditions, evidenceAt, rollbackTo, ...promotion}: NonNullable<Plan['promotion']>) => ({
	...promotion,
	conditions: conditions.map(condition => conditionReport(condition)),
	evidenceAt: time(evidenceAt),
	rollbackTo: release(rollbackTo),
});

export const planReport = (plan: Plan) => {
	const {version, isMixed, health} = overall(plan.observation);
	return {
		id: plan.id,
		kind: plan.kind,
		environment: plan.environment,
		from: release(plan.from),
		to: release(plan.to),
		sha: plan.sha,
		command: plan.command,
		directory: plan.directory,
		coming: plan.coming,
		going: plan.going,
		migration: plan.migration,
		usualSeconds: plan.usualSeconds,
		p95Seconds: plan.p95Seconds,
		timeoutSeconds: plan.timeoutSeconds,
		graceSeconds: plan.graceSeconds,
		lock: plan.lock,
		now: {version, mixed: isMixed, health, instances: plan.observation.instances.length},
		warnings: plan.warnings,
		blocked: plan.blocked,
		phrase: plan.phrase,
		releases: plan.offers.map(offer => offerReport(offer)),
		stopping: plan.stopping,
		...(plan.canPassLock === true && {canPassLock: true, passedLock: plan.passedLock ?? null}),
		...(plan.promotion !== null && {promotion: promotionReport(plan.promotion)}),
	};
};

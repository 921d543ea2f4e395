/** The report as data: `deployctl doctor --json`, described in docs/doctor.schema.json. Pure. */
import {fixText, type Mended} from './mend.ts';
import {type Area, type Finding, type Readings, severities, type Severity} from './model/model.ts';

/** What became of a fix. `still`: it was done, and the check finds the same again; null: not done, so not checked. */
export type FixResult = {
	finding: Finding;
	mended: Mended | {ok: false; because: string; next: null};
	still: boolean | null;
};

export const countsOf = (findings: readonly Finding[]): Readonly<Record<Severity, number>> =>
	Object.fromEntries(
		severities.map(severity => [severity, findings.filter(finding => finding.severity === severity).length]),
	) as Record<Severity, number>;

export const worstOf = (findings: readonly Finding[]): Severity =>
	severities.find(severity => findings.some(finding => finding.severity === severity)) ?? 'ok';

export type ReportOptions = {only: ReadonlySet<Area> | null; exitCode: number; fixes: readonly FixResult[]};

export const doctorReport = (
	readings: Readings,
	findings: readonly Finding[],
	{only, exitCode, fixes}: ReportOptions,
) => ({
	repository: readings.repository,
	host: readings.host,
	checkedAt: new Date(readings.now).toISOString(),
	offline: readings.isOffline,
	only: only === null ? null : [...only],
	exitCode,
	worst: worstOf(findings),
	counts: countsOf(findings),
	findings: findings.map(({fix, ...finding}) => ({
		...finding,
		fix: fix === null ? null : {...fix, text: fixText(fix)},
	})),
	fixes: fixes.map(({finding: {id, where}, mended, still}) => ({
		id,
		where,
		done: mended.ok,
		because: mended.ok ? mended.did : mended.because,
		stillFound: still,
	})),
});

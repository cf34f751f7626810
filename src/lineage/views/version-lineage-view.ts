import { findingJson } from '../../data/views/data-view.js';
import type { Component, VersionLineage } from '../../domain/models/version-lineage.js';
import type { JsonObject } from '../../domain/support/json.js';
import { toIso } from '../../domain/support/time.js';
import type { ViewPart } from '../../domain/view.js';
import { moveJson } from '../../models/views/move-json.js';
import {
  asJson,
  dim,
  few,
  fields,
  figure,
  heading,
  moment,
  plural,
  short,
  span,
  toned,
} from '../../render/parts/parts.js';
import { ancestryJson } from './ancestry-view.js';
import { useJson } from './use-json.js';

const ofRole = (components: readonly Component[], ...roles: readonly Component['role'][]) =>
  components.filter((one) => roles.includes(one.role));

const metricsJson = ({ metrics }: Component): JsonObject =>
  Object.fromEntries(metrics.map((point) => [point.key, point.value]));

/** The JSON fields of `why` about a version's components, data, serving, delivery and integrity. */
export function versionLineageJson(name: string, lineage: VersionLineage): JsonObject {
  const { components, integrity, promotion } = lineage;
  return {
    components: components.map(({ step, role, command, code }) => ({
      step,
      role,
      command: command ?? null,
      code: code.map((use) => ({ path: use.path, hash: use.artifact.hash })),
    })),
    ancestry: [...ancestryJson(lineage.ancestry)],
    data: components.flatMap(({ step, data }) => data.map((use) => ({ step, ...useJson(use) }))),
    validation: validationJson(lineage),
    preparation: ofRole(components, 'extract', 'prepare').flatMap(({ step, writes }) =>
      writes.map((use) => ({ step, ...useJson(use) })),
    ),
    training: ofRole(components, 'train').map((one) => ({
      step: one.step,
      command: one.command ?? null,
      params: asJson(one.params),
      env: asJson(one.env),
      metrics: metricsJson(one),
    })),
    serving: servingJson(lineage),
    promotion: promotion === undefined ? null : moveJson(promotion),
    delivery: deliveryJson(lineage),
    shared_data: [...lineage.sharedData],
    rebuild: {
      command: `refit reproduce ${name}`,
      possible: !lineage.isImported && lineage.inputs.every((input) => input.from !== 'nowhere'),
      inputs: lineage.inputs.map(({ path, hash, from, isOnlyHere }) => ({ path, hash, from, only_here: isOnlyHere })),
    },
    integrity: {
      whole: integrity.damaged.length === 0,
      objects: integrity.objects,
      damaged: [...integrity.damaged],
    },
  };
}

const validationJson = ({ components, statistics, findings }: VersionLineage): JsonObject => ({
  steps: ofRole(components, 'validate').map((one) => ({ step: one.step, metrics: metricsJson(one) })),
  statistics: statistics.map(({ path, rows, columns, from, to }) => ({
    path,
    rows,
    columns: columns.map((column) => asJson(column)),
    from: from === undefined ? null : toIso(from),
    to: to === undefined ? null : toIso(to),
  })),
  findings: findings.map(findingJson),
});

const servingJson = ({ servesNow, servedBefore, periods }: VersionLineage): JsonObject => ({
  now: servesNow ?? null,
  before: servedBefore ?? null,
  periods: periods.map(({ since, until }) => ({
    since: toIso(since),
    until: until === undefined ? null : toIso(until),
  })),
});

const deliveryJson = ({ delivery }: VersionLineage): JsonObject => ({
  commit_to_serving_ms: delivery.commitToServingMs ?? null,
  deployments: delivery.deployments,
  deployments_per_30_days: delivery.deploymentsPer30Days,
  rollbacks: delivery.rollbacks,
  rollback_rate: delivery.rollbackRate,
  time_to_restore_ms: delivery.timeToRestoreMs ?? null,
});

/** The last section of the `why` screen: rebuild, stored bytes, shared data, delivery. */
export function versionLineageParts(
  name: string,
  { isImported, delivery, sharedData, inputs, integrity }: VersionLineage,
): readonly ViewPart[] {
  const lost = inputs.filter((input) => input.from === 'nowhere');
  const onlyHere = inputs.filter((input) => input.isOnlyHere);
  return [
    heading('rebuild and delivery'),
    fields([
      [
        'rebuild',
        isImported
          ? 'not possible: the run was imported and its exact commands are unknown'
          : lost.length === 0
            ? `refit reproduce ${name}: all ${plural(inputs.length, 'input')} available`
            : [
                toned(`${plural(lost.length, 'input')} no longer available: `, 'warn'),
                few(lost.map((one) => one.path)),
              ],
      ],
      [
        'only here',
        onlyHere.length === 0 || isImported
          ? undefined
          : [
              toned(few(onlyHere.map((one) => one.path)), 'warn'),
              dim(
                '  in neither git nor the store: when changed, this version cannot be made again ("store" in refit.yaml)',
              ),
            ],
      ],
      [
        'stored bytes',
        integrity.damaged.length === 0
          ? `${plural(integrity.objects, 'object')}, intact`
          : [toned(`damaged: ${few(integrity.damaged.map(short))}`, 'bad'), dim('  see "refit verify"')],
      ],
      [
        // One file in common is enough, and each may have read another window of it.
        'shares files',
        sharedData.length === 0 ? undefined : `with ${few(sharedData, 8)}`,
      ],
      [
        'delivery',
        `${plural(delivery.deployments, 'deployment')}, ${plural(delivery.rollbacks, 'rollback')} (${figure(delivery.rollbackRate * 100)} %)${delivery.timeToRestoreMs === undefined ? '' : `, restored after ${span(delivery.timeToRestoreMs)}`}`,
      ],
    ]),
  ];
}

/** Label and text pairs: metrics of the validation steps and statistics of the stored profiles. */
export const validationParts = ({ components, statistics }: VersionLineage): readonly (readonly [string, string])[] => [
  ...ofRole(components, 'validate').map((one): readonly [string, string] => [
    'validated',
    `${one.step}: ${one.metrics.map((point) => `${point.key} ${figure(point.value)}`).join(', ') || 'no metrics'}`,
  ]),
  ...statistics.map(({ path, rows, columns, from, to }): readonly [string, string] => [
    'statistics',
    `${path}: ${plural(rows, 'row')}, ${plural(columns.length, 'column')}${from === undefined || to === undefined ? '' : `, ${moment(from)} to ${moment(to)}`}, ${plural(columns.filter((column) => column.missing > 0).length, 'column')} with missing values`,
  ]),
];

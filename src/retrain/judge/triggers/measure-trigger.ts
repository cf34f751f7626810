import type { Measurements } from '../../../domain/decisions/measurements.js';
import type { Trigger } from '../../../domain/pipeline/pipeline.js';
import { measureCodeChange } from './code-change.js';
import { measureCommand } from './command.js';
import { measureDataDrift, measureOutcomeDrift } from './drift.js';
import { measureEvent } from './event.js';
import { measureMaxAge } from './max-age.js';
import { measureNewData } from './new-data.js';
import { measurePerformance } from './performance.js';
import { measureSchedule } from './schedule.js';
import type { Seen } from './seen.js';
import { measureUpstream } from './upstream.js';

export interface TriggerContext {
  readonly measured: Measurements;
  readonly fires: 'edge' | 'level';
  /** The evidence that a drift of the inputs matters. */
  readonly consequence: string | undefined;
}

/** Measures one declared trigger. */
export function measureTrigger(trigger: Trigger, { measured, fires, consequence }: TriggerContext): Seen {
  switch (trigger.kind) {
    case 'schedule':
      return measureSchedule(trigger, measured);
    case 'new_data':
      return measureNewData(trigger, fires, measured);
    case 'data_drift':
      return measureDataDrift(trigger, measured, consequence);
    case 'target_drift':
    case 'prediction_drift':
      return measureOutcomeDrift(trigger, measured);
    case 'performance':
      return measurePerformance(trigger, measured);
    case 'code_change':
      return measureCodeChange(measured);
    case 'command':
      return measureCommand(trigger.command, measured);
    case 'max_age':
      return measureMaxAge(trigger.ageMs, measured);
    case 'upstream':
      return measureUpstream(trigger.model, measured);
    case 'event':
      return measureEvent(trigger.name, measured);
  }
}

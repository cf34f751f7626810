import type { JsonObject } from '../../../domain/support/json.js';
import { addItem, type DependenceState, resumeDependence, saveDependence, startDependence } from './dependence.js';
import type { Detector } from './detector.js';
import { pageHinkleyStandardised } from './page-hinkley-standardised.js';
import { scaledAdwin } from './scaled-adwin.js';

/**
 * Stated mean number of items between two false alarms of the default ensemble: 2 % of stable streams of 20,000 alarm.
 */
const ITEMS_BETWEEN_FALSE_ALARMS = 1_000_000;

/**
 * The default detector: standardised Page–Hinkley on both sides, which is fast for clear changes, and ADWIN, which also
 * finds small and slow ones. If either alarms, the ensemble alarms, and both start again. It needs no unit and no
 * settings: it takes errors of 0 and 1, losses and residuals. ADWIN at delta 0.002 gives hardly any false alarms,
 * because its bound is wide. So Page–Hinkley gets half of the stated rate, and the rest is a reserve. Both count
 * dependent items as fewer independent ones, and keep what they know of the dependence after an alarm.
 */
export function ensemble({ itemsBetweenFalseAlarms = ITEMS_BETWEEN_FALSE_ALARMS } = {}) {
  const sudden = pageHinkleyStandardised({ itemsBetweenFalseAlarms: 2 * itemsBetweenFalseAlarms });
  const slow = scaledAdwin();
  const startMembers = () => ({ sudden: sudden.start(), slow: slow.start() });
  type State = ReturnType<typeof startMembers> & { readonly dependence: DependenceState };
  const detector: Detector<State> = {
    domain: 'real',
    start: () => ({ ...startMembers(), dependence: startDependence() }),
    update: (state, x) => {
      addItem(state.dependence, x);
      const { inflation } = state.dependence;
      state.sudden.inflation = inflation;
      state.slow.window.inflation = inflation;
      const first = sudden.update(state.sudden, x);
      const second = slow.update(state.slow, x);
      if (first !== 'drift' && second !== 'drift') return 'stable';
      Object.assign(state, startMembers());
      return 'drift';
    },
    save: (state) => ({
      sudden: sudden.save(state.sudden),
      slow: slow.save(state.slow),
      dependence: saveDependence(state.dependence),
    }),
    resume: (saved) => ({
      sudden: sudden.resume(saved.sudden as JsonObject),
      slow: slow.resume(saved.slow as JsonObject),
      dependence: resumeDependence(saved.dependence as JsonObject),
    }),
  };
  return detector;
}

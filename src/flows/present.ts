/** What flows return, as views: commands show them and think nothing. */

export { backtestView as presentBacktest } from '../report/backtest-view.js';
export { channelsView as presentChannels } from '../report/channels-view.js';
export { dataView as presentData, driftView as presentDrift } from '../report/data-view.js';
export { detectorsView as presentDetectors } from '../report/detectors-view.js';
export { lineageView as presentLineage } from '../report/lineage-view.js';
export { performanceView as presentPerformance } from '../report/performance-view.js';
export { planView as presentPlan } from '../report/plan-view.js';
export {
  promoteView as presentPromotion,
  rollbackView as presentRollback,
} from '../report/promote-view.js';
export { pullView as presentPull, pushView as presentPush } from '../report/remote-view.js';
export { reproduceView as presentReproduction } from '../report/reproduce-view.js';
export { retrainView as presentRetrain } from '../report/retrain-view.js';
export { testView as presentTest } from '../report/test-view.js';
export { triggerView as presentTrigger } from '../report/trigger-view.js';
export { doctorView as presentDoctor, gcView as presentGc } from '../report/upkeep-view.js';
export { presentVerification } from '../report/verify-view.js';

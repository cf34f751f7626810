/** Apart from the other views: a run where nothing is to do loads no more than it shows. */
export { runView as presentRun } from '../report/run-view.js';

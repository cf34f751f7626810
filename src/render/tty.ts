import type { ChalkInstance } from 'chalk';
import ora from 'ora';
import type { Emit } from '../domain/events.js';
import { eventText } from './progress.js';

/** A spinner with what runs now below the lines of what has ended. */
export function ttyProgress(stream: NodeJS.WriteStream, chalk: ChalkInstance, isVerbose: boolean): Emit & Disposable {
  const spinner = ora({ stream, discardStdin: false });
  const running = new Set<string>();
  const spin = (): void => {
    if (running.size === 0) spinner.stop();
    else spinner.start([...running].join(', '));
  };
  const emit: Emit = (event) => {
    if (event.type === 'step-started') running.add(event.step);
    if (event.type === 'step-finished') running.delete(event.step);
    const isShown = event.type !== 'step-output' || isVerbose;
    const text = isShown ? eventText(event, chalk) : undefined;
    if (text !== undefined) {
      spinner.stop();
      stream.write(`${text}\n`);
    }
    spin();
  };
  return Object.assign(emit, { [Symbol.dispose]: () => spinner.stop() });
}

import { type Schedule, shellWord } from './schedule.js';

/**
 * The commands of a short-lived machine, for a POSIX shell. With a remote they fetch the history first
 * and return it afterwards, also that of a hold or a refusal. A busy pipeline is no failure.
 */
export function jobScript({ subject, remote }: Schedule, refit: string): readonly string[] {
  const retrain = `${refit} retrain ${shellWord(subject)}`;
  if (remote === undefined) return ['set -e', 'decided=0', `${retrain} || decided=$?`, ...END];
  const name = shellWord(remote.name);
  return [
    'set -e',
    `${refit} pull ${name}`,
    'decided=0',
    `${retrain} || decided=$?`,
    'pushed=0',
    `${refit} push ${name} || pushed=$?`,
    'if [ "$pushed" = 8 ]; then  # the champion of another job was first: judge against that one',
    `  ${refit} pull ${name}`,
    '  decided=0',
    `  ${retrain} || decided=$?`,
    '  pushed=0',
    `  ${refit} push ${name} || pushed=$?`,
    'fi',
    'if [ "$pushed" != 0 ]; then exit "$pushed"; fi',
    ...END,
  ];
}

/** 6: another command works on the pipeline, and the next tick decides. */
const END = ['if [ "$decided" = 6 ]; then decided=0; fi', 'exit "$decided"'];

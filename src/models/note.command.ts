import type { Command } from 'commander';
import { answerWith, type CommonOptions, perform, UsageError } from '../cli/action.js';

export const addNote = (program: Command): Command =>
  program
    .command('note')
    .description('Add a note to a model or a version; why and models show it')
    .argument('<model>', 'such as flights-delay or flights-delay@3')
    .argument('<text>', 'the note; it is kept for ever')
    .action(async (subject: string, text: string, options: CommonOptions) => {
      if (text.trim() === '') throw new UsageError('note: it is empty', `write refit note ${subject} "…"`);
      await perform('note', options, 'write', async (services) => {
        const { writeNote } = await import('./write-note.js');
        return answerWith(writeNote(services, subject, text));
      });
    });

const USES = /^\s*(?:- )?uses:\s*(?<action>\S+)(?<rest>.*)$/;
const COMMIT = /@[0-9a-f]{40}$/;
const VERSION = /^ # v\d+\.\d+\.\d+$/;

/**
 * One line for each action that is not pinned by its full commit with the version behind it.
 * Anyone who can move a tag of an action runs code in the workflows that use the tag.
 */
export function findUnpinnedActions(path: string, text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const { action = '', rest = '' } = USES.exec(line)?.groups ?? {};
    const isOurs = action === '' || action.startsWith('./');
    if (isOurs || (COMMIT.test(action) && VERSION.test(rest))) return [];
    return [`${path}:${index + 1}: pin ${action} by its full commit, with "# v1.2.3" behind it`];
  });
}

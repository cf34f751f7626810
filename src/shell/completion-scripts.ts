/** Shells that refit can complete in. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * The script that a shell loads. It asks refit for the words that may follow. Words are passed as arguments, never evaluated; bash
 * inserts what it is given, so refit escapes it, zsh and fish escape it themselves. Where refit has no word to offer, the shell
 * completes file names.
 */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# refit completion for bash. Load it with: source <(refit completion bash)
_refit() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(command refit completion bash --line="\${COMP_LINE:0:COMP_POINT}" --breaks="$COMP_WORDBREAKS" 2>/dev/null)
}
complete -o bashdefault -o default -F _refit refit
`,
  zsh: `#compdef refit
# refit completion for zsh. Load it with: source <(refit completion zsh), or save it as _refit in a folder of $fpath.
_refit() {
  local -a candidates
  candidates=("\${(@f)$(command refit completion zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  candidates=(\${candidates:#})
  if (( \${#candidates} )); then
    compadd -a candidates
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" = _refit ]]; then
  _refit "$@"
else
  compdef _refit refit
fi
`,
  fish: `# refit completion for fish. Save it as ~/.config/fish/completions/refit.fish
function __refit_complete
    set -l typed (commandline -opc)
    set -e typed[1]
    set -l current (commandline -ct)
    set -l plain (string unescape -- "$current")
    or set plain "$current"
    set -l found (command refit completion fish -- $typed "$plain" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c refit -f -a '(__refit_complete)'
`,
};

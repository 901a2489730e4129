/** The shell script that installs Debian packages without letting their services start. */

/** A package, the program that is wanted of it, and the services that it would start. */
export interface DebianPackage {
  readonly name: string;
  readonly program: string;
  readonly services: readonly string[];
  /** The project runs without it. */
  readonly isOptional?: boolean;
}

/** Every package that the project may install. */
export const DEBIAN_PACKAGES = {
  prosody: { name: 'prosody', program: 'prosody', services: ['prosody'] },
  ejabberd: { name: 'ejabberd', program: 'ejabberdctl', services: ['ejabberd', 'epmd'] },
  redis: { name: 'redis-server', program: 'redis-server', services: ['redis-server'] },
  /** For the line that `up` prints. */
  curl: { name: 'curl', program: 'curl', services: [], isOptional: true },
  /** For the checks: reads the modules for Prosody. */
  luacheck: { name: 'lua-check', program: 'luacheck', services: [] },
  nginx: { name: 'nginx-light', program: 'nginx', services: ['nginx'] },
  wrk: { name: 'wrk', program: 'wrk', services: [] },
} as const satisfies Record<string, DebianPackage>;

/** Where Debian asks whether a service may be started (invoke-rc.d, deb-systemd-invoke). */
const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** Where Debian's packages put the units of their services. */
const UNIT_DIR = '/lib/systemd/system';

/**
 * The script, to be run by root. A machine's own policy is left alone. Ours forbids only the
 * services of these packages, goes when the script ends, and forbids nothing any more once the
 * script's process is gone, should it be killed before. In the end the new packages' services
 * are stopped and disabled, those excepted that had a unit before (epmd, where the machine runs
 * other Erlang programs): nobody can be using the others.
 */
export function buildInstallScript(
  packages: readonly DebianPackage[],
  policyFile: string = POLICY_FILE,
  unitDir: string = UNIT_DIR,
): string {
  const names = packages.map(({ name }) => name).join(' ');
  const services = packages.flatMap((entry) => entry.services);
  const patterns = services
    .flatMap((service) => [service, `${service}.service`, `${service}.socket`])
    .join('|');
  return `set -eu
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
policy=${policyFile}
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  cat > "$policy" <<POLICY
#!/bin/sh
# Made by conference while it installs ${names}; forbids nothing once that has ended.
[ -d /proc/$$ ] || exit 0
for argument in "\\$@"; do
  case "\\$argument" in ${patterns === '' ? '-' : patterns}) exit 101 ;; esac
done
exit 0
POLICY
  chmod 755 "$policy"
fi
fresh=
for service in ${services.join(' ')}; do
  [ -e "${unitDir}/$service.service" ] || fresh="$fresh $service"
done
apt-get update
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 ${names}
for service in $fresh; do
  if [ -d /run/systemd/system ]; then
    systemctl disable --now "$service.socket" || true
    systemctl disable --now "$service.service" || true
  else
    # Stopping what never started is not without effect: ejabberd's would leave an epmd running.
    may_start=0
    "$policy" "$service" start || may_start=$?
    [ "$may_start" = 101 ] || service "$service" stop || true
    update-rc.d "$service" disable || true
  fi
done
`;
}

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
  redis: { name: 'redis-server', program: 'redis-server', services: ['redis-server'] },
  /** For the line that `up` prints. */
  curl: { name: 'curl', program: 'curl', services: [], isOptional: true },
  nginx: { name: 'nginx-light', program: 'nginx', services: ['nginx'] },
  wrk: { name: 'wrk', program: 'wrk', services: [] },
} as const satisfies Record<string, DebianPackage>;

/** Where Debian asks whether a service may be started (invoke-rc.d, deb-systemd-invoke). */
const POLICY_FILE = '/usr/sbin/policy-rc.d';

/**
 * The script, to be run by root. A machine's own policy is left alone. Ours forbids only the
 * services of these packages, goes when the script ends, and forbids nothing any more once the
 * script's process is gone, should it be killed before. In the end the new packages' services
 * are stopped and disabled: they were not there before, so that nobody can be using them.
 */
export function buildInstallScript(
  packages: readonly DebianPackage[],
  policyFile: string = POLICY_FILE,
): string {
  const names = packages.map(({ name }) => name).join(' ');
  const services = packages.flatMap((entry) => entry.services);
  const patterns = services.flatMap((service) => [service, `${service}.service`]).join('|');
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
apt-get update
apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 ${names}
for service in ${services.join(' ')}; do
  if [ -d /run/systemd/system ]; then
    systemctl disable --now "$service.service" || true
  else
    service "$service" stop || true
    update-rc.d "$service" disable || true
  fi
done
`;
}

#pragma once

// What `--help` says below the options of each command.
namespace postern::daemon::commands {

inline constexpr const char* kAbout =
    "Postern takes webhooks of payment providers, proves who sent them, keeps them and delivers "
    "them on.";

inline constexpr const char* kExamples = R"(Examples:
  postern serve                                 run with sandbox gateways and no configuration
  postern check --config postern.toml           see every mistake in a configuration
  postern send stripe payment.succeeded         post a signed sandbox webhook to the daemon
  postern verify --gateway stripe --headers h.txt --body b.json
                                                learn why a signature does not match
  postern listen --forward http://127.0.0.1:3000/hooks
                                                see deliveries arrive on this machine
  postern doctor                                learn what is wrong, and what to do
  postern top                                   watch rates, latencies, queues and endpoints

The exit code is 0 when it went well, 1 when it failed, 2 when the command was not understood;
70 when `serve` stopped because its store failed. `doctor` has codes of its own.

`postern COMMAND --help` tells more.)";

inline constexpr const char* kServeExamples = R"(Examples:
  postern serve
  postern serve --config /etc/postern/postern.toml
  postern serve --data-dir /var/lib/postern --listen 0.0.0.0:8080)";

inline constexpr const char* kCheckExamples =
    R"(Prints the configuration in force with its secrets left out, or every mistake in it.
The exit code is 0 when it is in order.

With --store it looks at the store instead, while no daemon runs on it: reads every page, and adds
up the payment API's books from their entries. Nothing is changed. For a store in
use, `postern backup` makes a copy and checks that.

Examples:
  postern check --config /etc/postern/postern.toml
  postern check --store --config /etc/postern/postern.toml
  postern check --store --data-dir /tmp/copy-of-the-store
  POSTERN_LISTEN=0.0.0.0:80 postern check)";

inline constexpr const char* kSendExamples =
    R"(The webhook has the provider's shape, new ids, and a signature made with the gateway's
own secret, so the daemon cannot tell it from a real one.

Examples:
  postern send --list
  postern send stripe payment.succeeded
  postern send stripe refund.succeeded --amount 5.00 --currency EUR
  postern send adyen payment.failed --count 10 --to http://127.0.0.1:8080)";

inline constexpr const char* kVerifyExamples =
    R"(Works without a network. The headers are "Name: value" lines, as curl -v or a log shows them;
the body must be the bytes as they came. "-" reads standard input. The exit code is 0 when the
signature is right.

Examples:
  postern verify --gateway stripe --headers headers.txt --body body.json
  postern verify --gateway stripe --headers headers.txt --body - < body.json
  postern verify --gateway adyen --body body.json --now 1700000000)";

inline constexpr const char* kListenExamples =
    R"(Makes an endpoint of the daemon that delivers to this terminal, and removes it at the end.
Needs a test key and a daemon whose own addresses are loopback: only then does it deliver here.

Examples:
  postern listen
  postern listen --event-type 'payment.*' -v
  postern listen --forward http://127.0.0.1:3000/webhooks)";

inline constexpr const char* kDoctorExamples =
    R"(Looks at the configuration, the disk, the clock, certificates and versions with known faults,
and asks the daemon how its store, gateways and endpoints are. Each finding says what to do. The
exit code is 0 when that is nothing, 1 when something is to be done soon, 2 when at once. --alive is
for probes: it looks at nothing but the daemon's /healthz, and its exit code is 0 or 1.

Examples:
  postern doctor
  postern doctor --alive
  postern doctor --config /etc/postern/postern.toml --key sk_live_…
  postern doctor --key sk_live_… --ping
  postern doctor --admin-url http://127.0.0.1:9090 --json)";

inline constexpr const char* kTopExamples =
    R"(Asks the daemon's private address, and with an API key also which endpoints fail. The first
picture is of all the time since the daemon started, the others of the time between them. q ends it.

Examples:
  postern top
  postern top --interval 5 --key sk_live_…
  postern top --once --json)";

inline constexpr const char* kBackupExamples =
    R"(Asks the running daemon, which goes on working. The copy is of one moment; its pages,
references and books are checked before it is handed over. Works on the daemon's own machine, for
root and for the user that the daemon runs as.

Examples:
  postern backup /var/backups/postern.backup --config /etc/postern/postern.toml
  postern backup - --data-dir /var/lib/postern | gzip > postern.backup.gz)";

inline constexpr const char* kRestoreExamples =
    R"(Needs a data folder that no daemon has open. The backup is proven to be whole and in order
before it takes its place; with --replace the store that is there is set aside, not removed.

Examples:
  postern restore postern.backup --data-dir /var/lib/postern
  gunzip < postern.backup.gz | postern restore - --data-dir /var/lib/postern --replace)";

inline constexpr const char* kMigrateExamples =
    R"(Only for a store with [storage] url = "postgres://…". The daemon does the same when it
starts, if its role may change the schema. Where it may not, run this before the new program starts,
by a role that may. Nodes of the program before go on meanwhile.

Examples:
  postern migrate --dry-run --config /etc/postern/postern.toml
  POSTERN_STORAGE_URL=postgres://owner@db.example.com/postern postern migrate)";

}  // namespace postern::daemon::commands

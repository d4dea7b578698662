#include "daemon/commands/command_line.hpp"

#include "daemon/commands/check.hpp"
#include "daemon/commands/check_store.hpp"
#include "daemon/commands/listen.hpp"
#include "daemon/commands/resources.hpp"
#include "daemon/commands/send.hpp"
#include "daemon/commands/verify.hpp"
#include "daemon/commands/version.hpp"
#include "daemon/serve.hpp"

#include <CLI/CLI.hpp>

#include <set>

namespace postern::daemon::commands {
namespace {

constexpr const char* kAbout =
    "Postern takes webhooks of payment providers, proves who sent them, keeps them and delivers "
    "them on.";

constexpr const char* kExamples = R"(Examples:
  postern serve                                 run with sandbox gateways and no configuration
  postern check --config postern.toml           see every mistake in a configuration
  postern send stripe payment.succeeded         post a signed sandbox webhook to the daemon
  postern verify --gateway stripe --headers h.txt --body b.json
                                                learn why a signature does not match
  postern listen --forward http://127.0.0.1:3000/hooks
                                                see deliveries arrive on this machine

`postern COMMAND --help` tells more.)";

constexpr const char* kServeExamples = R"(Examples:
  postern serve
  postern serve --config /etc/postern/postern.toml
  postern serve --data-dir /var/lib/postern --listen 0.0.0.0:8080)";

constexpr const char* kCheckExamples =
    R"(Prints the configuration in force with its secrets left out, or every mistake in it.
The exit code is 0 when it is in order.

With --store it looks at the store instead, while no daemon runs on it: reads every page, and adds
up the payment API's books from their entries. Nothing is changed. For a store in use, take a copy.

Examples:
  postern check --config /etc/postern/postern.toml
  postern check --store --config /etc/postern/postern.toml
  postern check --store --data-dir /tmp/copy-of-the-store
  POSTERN_LISTEN=0.0.0.0:80 postern check)";

constexpr const char* kSendExamples =
    R"(The webhook has the provider's shape, new ids, and a signature made with the gateway's
own secret, so the daemon cannot tell it from a real one.

Examples:
  postern send --list
  postern send stripe payment.succeeded
  postern send stripe refund.succeeded --amount 5.00 --currency EUR
  postern send adyen payment.failed --count 10 --to http://127.0.0.1:8080)";

constexpr const char* kVerifyExamples =
    R"(Works without a network. The headers are "Name: value" lines, as curl -v or a log shows them;
the body must be the bytes as they came. "-" reads standard input. The exit code is 0 when the
signature is right.

Examples:
  postern verify --gateway stripe --headers headers.txt --body body.json
  postern verify --gateway stripe --headers headers.txt --body - < body.json
  postern verify --gateway adyen --body body.json --now 1700000000)";

constexpr const char* kListenExamples =
    R"(Makes an endpoint of the daemon that delivers to this terminal, and removes it at the end.
Needs a test key and a daemon whose own addresses are loopback: only then does it deliver here.

Examples:
  postern listen
  postern listen --event-type 'payment.*' -v
  postern listen --forward http://127.0.0.1:3000/webhooks)";

void add_config_options(CLI::App& command, ConfigOptions& options) {
    command.add_option(
        "--config", options.config_file, "The TOML file; else POSTERN_CONFIG, else none"
    );
    command.add_option("--data-dir", options.data_dir, "The data folder, over the configuration's");
}

void add_serve(CLI::App& app, ConfigOptions& options) {
    CLI::App* command = app.add_subcommand("serve", "Run the daemon");
    add_config_options(*command, options);
    command->add_option("--listen", options.listen, "The public address, IP:PORT");
    command->add_option("--admin-listen", options.admin_listen, "The private address, IP:PORT");
    command->footer(kServeExamples);
}

struct CheckOptions {
    ConfigOptions config;
    bool store = false;
};

void add_check(CLI::App& app, CheckOptions& options) {
    CLI::App* command = app.add_subcommand("check", "Check the configuration, or the store");
    add_config_options(*command, options.config);
    command->add_flag("--store", options.store, "Check the store and the books in it");
    command->footer(kCheckExamples);
}

void add_send(CLI::App& app, SendOptions& options) {
    CLI::App* command = app.add_subcommand("send", "Post a provider's webhook to a daemon");
    command->add_flag("--list", options.list, "Show what every kind of gateway can send");
    command->add_option("gateway", options.gateway, "The gateway's id");
    command->add_option("event-type", options.event_type, "Such as payment.succeeded");
    command->add_option("--to", options.to, "A URL; else the configured public address");
    command->add_option("--amount", options.amount, "In major units, such as 10.99");
    command->add_option("--currency", options.currency, "Three letters")->capture_default_str();
    command->add_option("--count", options.count, "How many, each with new ids")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command->add_flag("--live", options.live, "Send even if the gateway is live");
    add_config_options(*command, options.config);
    command->footer(kSendExamples);
}

void add_verify(CLI::App& app, VerifyOptions& options) {
    CLI::App* command = app.add_subcommand("verify", "Explain a webhook's signature");
    command->add_option("--gateway", options.gateway, "The gateway's id")->required();
    command->add_option("--headers", options.headers_file, "A file of headers");
    command->add_option("--body", options.body_file, "A file with the body");
    command->add_option("--now", options.now, "Judge as of this time, in Unix seconds");
    command->add_option("--path", options.target, "The path, with the query if there was one");
    command->add_option("--method", options.method, "POST unless the headers say another");
    command->add_option(
        "--fetched", options.fetched_file, "What the provider had to be asked for, as a file"
    );
    add_config_options(*command, options.config);
    command->footer(kVerifyExamples);
}

void add_listen(CLI::App& app, ListenOptions& options) {
    CLI::App* command = app.add_subcommand("listen", "Receive deliveries in this terminal");
    add_access_options(*command, options.access);
    command->add_option("--port", options.port, "Where to listen on 127.0.0.1; 0: any free port")
        ->check(CLI::Range(0, 65'535));
    command->add_option("--secret", options.secret, "Sign with this; else a random secret");
    command->add_option("--forward", options.forward, "Post each delivery on to this URL");
    command->add_option("--event-type", options.event_types, "payment.*, …; repeatable")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->add_flag("-v,--verbose", options.verbose, "Print the bodies as well");
    command->footer(kListenExamples);
}

int run_serve(const ConfigOptions& options) {
    const auto config = load_config(options);
    if (!config) return complain_of_all(config.error());
    return serve(*config);
}

int usage_failure(const Complaint& complaint) {
    complain(complaint);
    return kExitUsage;
}

// The parser would only say that some command is missing.
std::optional<Complaint> unknown_command(int argc, char** argv) {
    const std::set<std::string, std::less<>> known = {
        "serve",
        "check",
        "send",
        "verify",
        "version",
        "listen",
        "endpoints",
        "events",
        "deliveries",
        "jobs",
        "keys",
        "requests",
        "sandbox"};
    const std::string_view word = argc > 1 ? argv[1] : "";
    if (word.empty() || word.starts_with('-') || known.contains(word)) return std::nullopt;
    std::string message = "no command is called " + printable(word);
    if (const auto likely = closest(word, known)) message += "; did you mean " + *likely + "?";
    return Complaint{std::move(message)};
}

int run_either_check(const CheckOptions& options) {
    return options.store ? run_check_store(options.config) : run_check(options.config);
}

int run_send_command(const SendOptions& options, const Clock& clock) {
    if (options.list) return run_send_list(clock);
    if (options.event_type.empty()) {
        return usage_failure({"send needs a gateway and an event type; see `postern send --help`"});
    }
    return run_send(options, clock);
}

}  // namespace

int run_command_line(int argc, char** argv, const Clock& clock) {
    if (const auto complaint = unknown_command(argc, argv)) return usage_failure(*complaint);
    CLI::App app{kAbout, "postern"};
    app.require_subcommand(1);
    app.footer(kExamples);
    ConfigOptions serve_options;
    CheckOptions check_options;
    SendOptions send_options;
    VerifyOptions verify_options;
    ListenOptions listen_options;
    ResourceCommand resource_command;
    add_serve(app, serve_options);
    add_check(app, check_options);
    add_send(app, send_options);
    add_verify(app, verify_options);
    add_listen(app, listen_options);
    add_resource_commands(app, resource_command);
    app.add_subcommand("version", "Show the versions of the program and its libraries");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kExitFine : kExitUsage;
    }
    if (app.got_subcommand("serve")) return run_serve(serve_options);
    if (app.got_subcommand("check")) return run_either_check(check_options);
    if (app.got_subcommand("verify")) return run_verify(verify_options, clock);
    if (app.got_subcommand("version")) return run_version();
    if (app.got_subcommand("listen")) return run_listen(listen_options, clock);
    if (resource_command.verb != nullptr) return run_resource_command(resource_command);
    return run_send_command(send_options, clock);
}

}  // namespace postern::daemon::commands

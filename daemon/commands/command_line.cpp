#include "daemon/commands/command_line.hpp"

#include "daemon/commands/backup.hpp"
#include "daemon/commands/check.hpp"
#include "daemon/commands/check_store.hpp"
#include "daemon/commands/command_examples.hpp"
#include "daemon/commands/doctor.hpp"
#include "daemon/commands/listen.hpp"
#include "daemon/commands/migrate.hpp"
#include "daemon/commands/private_listener.hpp"
#include "daemon/commands/resources.hpp"
#include "daemon/commands/restore.hpp"
#include "daemon/commands/send.hpp"
#include "daemon/commands/top.hpp"
#include "daemon/commands/verify.hpp"
#include "daemon/commands/version.hpp"
#include "daemon/serve.hpp"

#include <CLI/CLI.hpp>

#include <set>
#include <span>

namespace postern::daemon::commands {
namespace {

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

void add_json_flag(CLI::App& command, Output& output) {
    const auto say_json = [&output] {
        output = Output::json;
    };
    command.add_flag_callback("--json", say_json, "Print JSON, for programs");
}

struct EitherCheckOptions {
    CheckOptions check;
    bool store = false;
};

void add_check(CLI::App& app, EitherCheckOptions& options) {
    CLI::App* command = app.add_subcommand("check", "Check the configuration, or the store");
    add_config_options(*command, options.check.config);
    add_json_flag(*command, options.check.output);
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
    add_json_flag(*command, options.output);
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
    add_json_flag(*command, options.output);
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

void add_doctor(CLI::App& app, DoctorOptions& options) {
    CLI::App* command = app.add_subcommand("doctor", "Look for what is wrong, and say what to do");
    add_config_options(*command, options.config);
    add_admin_option(*command, options.admin_url);
    add_access_options(*command, options.access);
    const auto ask_only_for_life = [&options] {
        options.depth = DoctorOptions::Depth::liveness;
    };
    command->add_flag_callback("--alive", ask_only_for_life, "Only ask whether work moves: 0 or 1");
    const auto ping = [&options] {
        options.endpoints = DoctorOptions::Endpoints::pinged;
    };
    command->add_flag_callback("--ping", ping, "Send each endpoint a test event as well");
    add_json_flag(*command, options.output);
    command->footer(kDoctorExamples);
}

void add_top(CLI::App& app, TopOptions& options) {
    CLI::App* command = app.add_subcommand("top", "Watch what the daemon does");
    add_config_options(*command, options.config);
    add_admin_option(*command, options.admin_url);
    add_access_options(*command, options.access);
    command->add_option("--interval", options.interval_seconds, "Seconds between two pictures")
        ->check(CLI::Range(1, 3'600))
        ->capture_default_str();
    const auto look_once = [&options] {
        options.length = TopOptions::Length::once;
    };
    command->add_flag_callback("--once", look_once, "Print one picture and end");
    add_json_flag(*command, options.output);
    command->footer(kTopExamples);
}

void add_version(CLI::App& app, Output& output) {
    add_json_flag(
        *app.add_subcommand("version", "Show the versions of the program and its libraries"), output
    );
}

// The parser ends the last line itself.
std::string versions() {
    std::string text = version_text();
    text.pop_back();
    return text;
}

void add_backup(CLI::App& app, BackupOptions& options) {
    CLI::App* command = app.add_subcommand("backup", "Copy the running daemon's store to a file");
    command->add_option("file", options.file, "Where to; - is standard output")->required();
    add_config_options(*command, options.config);
    add_json_flag(*command, options.output);
    command->footer(kBackupExamples);
}

void add_restore(CLI::App& app, RestoreOptions& options) {
    CLI::App* command = app.add_subcommand("restore", "Put a backup into a data folder");
    command->add_option("file", options.file, "The backup; - is standard input")->required();
    command->add_flag("--replace", options.replace, "Set the store that is there aside");
    add_config_options(*command, options.config);
    add_json_flag(*command, options.output);
    command->footer(kRestoreExamples);
}

void add_migrate(CLI::App& app, MigrateOptions& options) {
    CLI::App* command = app.add_subcommand("migrate", "Bring a PostgreSQL store up to date");
    add_config_options(*command, options.config);
    const auto only_show = [&options] {
        options.wish = MigrateOptions::Wish::show;
    };
    command->add_flag_callback("--dry-run", only_show, "Only say what would be applied");
    add_json_flag(*command, options.output);
    command->footer(kMigrateExamples);
}

int run_serve(const ConfigOptions& options) {
    const auto config = load_config(options);
    if (!config) {
        complain_of_all(config.error());
        return kExitConfiguration;
    }
    return serve(*config, [options] { return load_config(options); });
}

int usage_failure(const Complaint& complaint) {
    complain(complaint);
    return kExitUsage;
}

// The parser would only say that some command is missing.
std::optional<Complaint> unknown_command(const CLI::App& app, std::span<char* const> words) {
    const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
    const std::string_view word = words.empty() ? "" : words.front();
    if (commands.empty() || word.empty() || word.starts_with('-')) return std::nullopt;
    std::set<std::string, std::less<>> known;
    for (const CLI::App* command : commands) {
        if (command->get_name() == word) return unknown_command(*command, words.subspan(1));
        known.insert(command->get_name());
    }
    const bool is_group = app.get_parent() != nullptr;
    std::string message = "no command is called " + printable(word);
    if (is_group) message += " in " + app.get_name();
    if (const auto likely = closest(word, known)) {
        message += "; did you mean " + *likely + "?";
    } else {
        message += is_group ? "; `postern " + app.get_name() : "; `postern";
        message += " --help` shows them";
    }
    return Complaint{std::move(message)};
}

int run_either_check(const EitherCheckOptions& options, const Clock& clock) {
    return options.store ? run_check_store(options.check, clock) : run_check(options.check);
}

int run_send_command(const SendOptions& options, const Clock& clock) {
    if (options.list) return run_send_list(options, clock);
    if (options.event_type.empty()) {
        return usage_failure({"send needs a gateway and an event type; see `postern send --help`"});
    }
    return run_send(options, clock);
}

// Each command's own; the parser fills those of the one that was asked for.
struct Options {
    ConfigOptions serve;
    EitherCheckOptions check;
    BackupOptions backup;
    RestoreOptions restore;
    MigrateOptions migrate;
    SendOptions send;
    VerifyOptions verify;
    ListenOptions listen;
    DoctorOptions doctor;
    TopOptions top;
    ResourceCommand resource;
    Output version = Output::text;
};

void add_commands(CLI::App& app, Options& options) {
    add_serve(app, options.serve);
    add_check(app, options.check);
    add_backup(app, options.backup);
    add_restore(app, options.restore);
    add_migrate(app, options.migrate);
    add_send(app, options.send);
    add_verify(app, options.verify);
    add_listen(app, options.listen);
    add_doctor(app, options.doctor);
    add_top(app, options.top);
    add_resource_commands(app, options.resource);
    add_version(app, options.version);
}

int run_chosen(const CLI::App& app, const Options& options, const Clock& clock) {
    if (app.got_subcommand("serve")) return run_serve(options.serve);
    if (app.got_subcommand("check")) return run_either_check(options.check, clock);
    if (app.got_subcommand("backup")) return run_backup(options.backup);
    if (app.got_subcommand("restore")) return run_restore(options.restore, clock);
    if (app.got_subcommand("migrate")) return run_migrate(options.migrate, clock);
    if (app.got_subcommand("verify")) return run_verify(options.verify, clock);
    if (app.got_subcommand("version")) return run_version(options.version);
    if (app.got_subcommand("listen")) return run_listen(options.listen, clock);
    if (app.got_subcommand("doctor")) return run_doctor(options.doctor, clock);
    if (app.got_subcommand("top")) return run_top(options.top);
    if (options.resource.verb != nullptr) return run_resource_command(options.resource);
    return run_send_command(options.send, clock);
}

// A file that is cut short must not look like success to a script. The daemon prints nothing that
// anybody relies on.
int judged_output(const CLI::App& app, int exit_code) {
    if (!has_lost_output() || app.got_subcommand("serve")) return exit_code;
    complain({"standard output took not all of it: is its disk full?"});
    return exit_code == kExitFine ? kExitFailed : exit_code;
}

// The parser's own words, and where to read more.
Complaint usage_complaint(const CLI::App& app, const CLI::ParseError& error) {
    std::string command = "postern";
    const CLI::App* innermost = &app;
    while (!innermost->get_subcommands().empty()) {
        innermost = innermost->get_subcommands().front();
        command += ' ' + innermost->get_name();
    }
    std::string message{error.what()};
    message += "; `" + command + " --help` shows what there is";
    return Complaint{printable(message)};
}

}  // namespace

int run_command_line(int argc, char** argv, const Clock& clock) {
    CLI::App app{kAbout, "postern"};
    app.require_subcommand(1);
    app.set_version_flag("--version", versions, "Show the versions and exit");
    app.footer(kExamples);
    Options options;
    add_commands(app, options);
    const std::span<char* const> words{argv, static_cast<std::size_t>(argc)};
    if (const auto complaint = unknown_command(app, words.subspan(words.empty() ? 0 : 1))) {
        return usage_failure(*complaint);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        return usage_failure(usage_complaint(app, error));
    }
    return judged_output(app, run_chosen(app, options, clock));
}

}  // namespace postern::daemon::commands

#include "daemon/commands/resources.hpp"

#include "config/files.hpp"
#include "core/assert.hpp"
#include "core/bytes.hpp"
#include "core/json_writer.hpp"
#include "daemon/commands/common.hpp"
#include "daemon/commands/resource_lines.hpp"

#include <CLI/CLI.hpp>

namespace postern::daemon::commands {
namespace {

constexpr std::string_view kIdPlace = "{id}";

struct ResourceAbout {
    const char* name;
    const char* about;
    const char* examples;
};

constexpr ResourceAbout kResources[] = {
    {"endpoints",
     "The URLs that events are delivered to",
     R"(Examples:
  postern endpoints create https://shop.example.com/hooks --event-type 'payment.*'
  postern endpoints update we_… --set timeout_seconds=5 --set 'headers={"X-Shop":"1"}'
  postern endpoints dry-run we_… --event-type 'refund.*'
  postern endpoints gaps we_…
  postern endpoints list --json)"},
    {"events",
     "What happened to payments",
     R"(Examples:
  postern events list --type 'payment.*' --limit 5
  postern events resend evt_… --endpoint we_…
  postern events types)"},
    {"inbox",
     "The webhooks that providers sent, as they came",
     R"(Examples:
  postern inbox list --gateway stripe --limit 5
  postern inbox show whk_…
  postern inbox reprocess whk_…
  postern inbox export --since 2026-01-28T00:00:00Z > inbox.ndjson)"},
    {"gateways",
     "The providers' accounts that webhooks come from",
     R"(Counts are since the daemon started.

Examples:
  postern gateways list
  postern gateways show stripe)"},
    {"accounts",
     "Whose endpoints they are: yours, and those that you made for others",
     R"(Examples:
  postern accounts create 'Shop of Ada' --uid shop-7
  postern accounts update shop-7 --set 'metadata={"city":"Ghent"}'
  postern accounts list --json)"},
    {"deliveries",
     "Each event's way to each endpoint",
     R"(Examples:
  postern deliveries list we_… --state dead
  postern deliveries show dlv_…
  postern deliveries retry dlv_…)"},
    {"keys",
     "Who may ask the API, and for what",
     R"(Examples:
  postern keys create restricted --name reports --scope payments:read
  postern keys roll key_… --overlap-hours 24
  postern keys revoke key_…)"},
    {"requests",
     "What was asked of the API",
     R"(Examples:
  postern requests list --status 4xx --limit 5
  postern requests list --request-id req_… --json)"},
    {"jobs",
     "Work that takes a while: delivering again what was missed",
     R"(Examples:
  postern jobs recover we_… --since 2026-01-28T00:00:00Z
  postern jobs resend --since 2026-01-28T00:00:00Z --type 'refund.*'
  postern jobs show job_…)"},
    {"sandbox",
     "What banks and card owners do to payments of test mode",
     R"(Examples:
  postern sandbox dispute pay_… --reason fraudulent --amount 5.00
  postern sandbox resolve dp_… --outcome lost
  postern sandbox refund-fail ref_…
  postern sandbox payout-fail po_… --failure-code no_account
  postern sandbox settle

Without a command: card 4000000000000259 is disputed as soon as it has paid; evidence whose
uncategorized_text is winning_evidence or losing_evidence decides its dispute; refunds of card
4000000000007726 pend, those of 4000000000005126 fail. Bank accounts 000111111113 (closed),
000111111116 (unknown), 000222222227 (no money), 000333333335 (not authorized) and 000444444440
(wrong currency) fail a while after they were debited, as do payouts to a destination that
ends so.)"},
};

void add_page_options(CLI::App& app, const Verb& verb, ResourceCommand& command) {
    app.add_option("--limit", command.limit, "How many, 1 to 100");
    app.add_option("--cursor", command.cursor, "Where the page before ended");
    if (verb.paging == Verb::Paging::cursor) {
        app.add_option("--order", command.order, "asc or desc");
    }
}

void add_options(CLI::App& app, const Verb& verb, ResourceCommand& command) {
    add_access_options(app, command.access);
    app.add_flag("--json", command.json, "Print the API's answer as it is");
    if (!verb.positional.empty()) {
        app.add_option(std::string{verb.positional}, command.positional)
            ->required(verb.id == Verb::Id::required);
    }
    for (const FieldOption& option : verb.options) {
        auto* added = app.add_option(
            "--" + std::string{option.name},
            command.values[std::string{option.field}],
            std::string{option.about}
        );
        const bool one = option.kind == FieldOption::Kind::text;
        added->expected(1)->multi_option_policy(
            one ? CLI::MultiOptionPolicy::TakeLast : CLI::MultiOptionPolicy::TakeAll
        );
    }
    if (verb.body == Verb::Body::settings) {
        app.add_option("--set", command.settings, "NAME=VALUE, as the API spells it; repeatable")
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        app.add_option("--file", command.settings_file, "A JSON object of settings; - is stdin");
    }
    if (verb.answer == Verb::Answer::list && verb.method == "GET") {
        add_page_options(app, verb, command);
    }
}

// An id that a script left empty would be the whole list's address.
std::optional<Complaint> refuse_incomplete(const ResourceCommand& command) {
    const Verb& verb = *command.verb;
    const bool is_needed = !verb.positional.empty() && verb.id == Verb::Id::required;
    if (is_needed && command.positional.empty()) {
        return Complaint{std::string{verb.positional} + " is empty"};
    }
    return std::nullopt;
}

std::string path_of(const ResourceCommand& command) {
    std::string path{command.verb->path};
    const auto place = path.find(kIdPlace);
    if (place == std::string::npos) return path;
    if (command.positional.empty() && command.verb->id == Verb::Id::optional) {
        return path.erase(place - 1, kIdPlace.size() + 1);  // the slash before it as well
    }
    return path.replace(place, kIdPlace.size(), encode_percent(command.positional));
}

void append_json_or_text(JsonWriter& writer, std::string_view value) {
    const auto document = JsonDocument::parse(value);
    document ? writer.raw(value) : writer.string(value);
}

void append_option(JsonWriter& writer, FieldOption::Kind kind, std::span<const std::string> texts) {
    const std::string& last = texts.back();
    switch (kind) {
        case FieldOption::Kind::text: return writer.string(last);
        case FieldOption::Kind::number: return append_json_or_text(writer, last);
        case FieldOption::Kind::list: break;
    }
    writer.begin_array();
    for (const std::string& text : texts) writer.string(text);
    writer.end_array();
}

std::span<const std::string> values_of(const ResourceCommand& command, const FieldOption& option) {
    const auto found = command.values.find(option.field);
    if (found == command.values.end()) return {};
    return found->second;
}

std::optional<Complaint> append_settings(JsonWriter& writer, const ResourceCommand& command) {
    for (const std::string& setting : command.settings) {
        const auto equals = setting.find('=');
        if (equals == 0 || equals == std::string::npos) {
            return Complaint{"--set takes NAME=VALUE, like --set timeout_seconds=5"};
        }
        writer.key(std::string_view{setting}.substr(0, equals));
        append_json_or_text(writer, std::string_view{setting}.substr(equals + 1));
    }
    return std::nullopt;
}

using Text = Result<std::string, Complaint>;

// What stands between the braces of the file, with a comma behind it.
Text members_of_file(const std::string& name) {
    if (name.empty()) return Text{boost::system::in_place_value};
    const auto text = config::read_whole_file(name == "-" ? "/dev/stdin" : name);
    if (!text) return Complaint{"--file: " + printable(name) + " cannot be read"};
    const auto document = JsonDocument::parse(*text);
    if (!document || !document->root().is_object()) {
        return Complaint{"--file: " + printable(name) + " must hold one JSON object"};
    }
    if (document->root().size() == 0) return Text{boost::system::in_place_value};
    const auto begin = text->find('{') + 1;
    std::string members = text->substr(begin, text->rfind('}') - begin);
    members += ',';
    return Text{boost::system::in_place_value, std::move(members)};
}

// Of two members with one name the API takes the last: what is said on the command line goes over
// what the file says.
Text body_of(const ResourceCommand& command) {
    const Verb& verb = *command.verb;
    auto body = members_of_file(command.settings_file);
    if (!body) return body;
    JsonWriter writer{*body};
    const bool in_path = verb.path.find(kIdPlace) != std::string_view::npos;
    if (!verb.positional.empty() && !in_path) writer.member(verb.positional, command.positional);
    for (const FieldOption& option : verb.options) {
        const auto texts = values_of(command, option);
        if (texts.empty()) continue;
        writer.key(option.field);
        append_option(writer, option.kind, texts);
    }
    if (auto complaint = append_settings(writer, command)) return std::move(*complaint);
    if (body->empty()) return body;
    if (body->ends_with(',')) body->pop_back();
    body->insert(0, 1, '{');
    body->push_back('}');
    return body;
}

ApiCommandCall query_call(const ResourceCommand& command) {
    ApiCommandCall call{.method = std::string{command.verb->method}, .path = path_of(command)};
    for (const FieldOption& option : command.verb->options) {
        const auto texts = values_of(command, option);
        if (!texts.empty()) call.query.emplace_back(option.field, texts.back());
    }
    if (!command.limit.empty()) call.query.emplace_back("limit", command.limit);
    const bool by_iterator = command.verb->paging == Verb::Paging::iterator;
    if (!command.cursor.empty()) {
        call.query.emplace_back(by_iterator ? "iterator" : "cursor", command.cursor);
    }
    if (!command.order.empty()) call.query.emplace_back("order", command.order);
    return call;
}

// Where the next page begins; empty: there is none.
std::string_view next_page(JsonValue list) {
    if (list["next_cursor"].is_string()) return list["next_cursor"].string();
    const bool done = list["done"].boolean().value_or(true);
    return done ? std::string_view{} : list["iterator"].string();
}

}  // namespace

void add_resource_commands(CLI::App& app, ResourceCommand& command) {
    for (const ResourceAbout& resource : kResources) {
        CLI::App* parent = app.add_subcommand(resource.name, resource.about);
        parent->require_subcommand(1);
        parent->footer(resource.examples);
        for (const Verb& verb : resource_verbs()) {
            if (verb.resource != resource.name) continue;
            CLI::App* child =
                parent->add_subcommand(std::string{verb.name}, std::string{verb.about});
            add_options(*child, verb, command);
            child->callback([&command, &verb] { command.verb = &verb; });
        }
    }
}

Result<ApiCommandCall, Complaint> call_of(const ResourceCommand& command) {
    POSTERN_ASSERT(command.verb != nullptr);
    if (auto complaint = refuse_incomplete(command)) return std::move(*complaint);
    if (command.verb->method == "GET") return query_call(command);
    ApiCommandCall call{.method = std::string{command.verb->method}, .path = path_of(command)};
    auto body = body_of(command);
    if (!body) return std::move(body).error();
    if (body->empty() && call.method == "PATCH") {
        return Complaint{"nothing to change: say what, with --set NAME=VALUE or another option"};
    }
    call.body = std::move(*body);
    return call;
}

std::string answer_text(const ResourceCommand& command, std::string_view body) {
    // Some removals answer with nothing at all, which programs can read as it is.
    if (body.empty()) return command.json ? "" : "done\n";
    const auto document = JsonDocument::parse(body);
    if (command.json || !document) {
        std::string text{body};
        if (!text.ends_with('\n')) text += '\n';
        return text;
    }
    const JsonValue root = document->root();
    if (command.verb->answer == Verb::Answer::record) return record_of(root);
    std::string text = table_of(root["data"], columns_of(*command.verb));
    text += remarks_of(root);
    if (const std::string_view next = next_page(root); !next.empty()) {
        text += "more with --cursor ";
        text += printable(next);
        text += '\n';
    }
    return text;
}

bool has_succeeded(std::string_view body) {
    const auto document = JsonDocument::parse(body);
    return !document || document->root()["delivered"].boolean().value_or(true);
}

int run_resource_command(const ResourceCommand& command) {
    const auto call = call_of(command);
    if (!call) {
        complain(call.error());
        return kExitUsage;
    }
    const ApiAccess access = completed(command.access, config::environment_of_process());
    if (command.verb->answer == Verb::Answer::lines) return print_lines(access, *call);
    const auto body = call_api(access, *call);
    if (!body) return complain(body.error());
    print(answer_text(command, *body));
    return has_succeeded(*body) ? kExitFine : kExitFailed;
}

}  // namespace postern::daemon::commands

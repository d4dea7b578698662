#pragma once

#include "core/result.hpp"
#include "daemon/commands/api_client.hpp"
#include "daemon/commands/resource_table.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// `postern endpoints|events|deliveries|jobs …`: one call of the API each. What they are is a table
// (resource_verbs.cpp), so a new one is a line there; which columns their lists have is another
// (resource_columns.cpp).
namespace postern::daemon::commands {

// An option that becomes a parameter of a GET and a member of any other call's body.
struct FieldOption {
    std::string_view name;   // "since": --since
    std::string_view field;  // as the API spells it
    enum class Kind { text, number, list } kind = Kind::text;
    std::string_view about;
};

struct Verb {
    std::string_view resource;  // "endpoints"
    std::string_view name;      // "show"
    std::string_view about;
    std::string_view method;
    std::string_view path;        // {id} stands for the id that is given
    std::string_view positional;  // what stands after the verb: "id", "url"; empty: nothing
    // lines: the list to its end, every item whole, as JSON on a line of its own.
    enum class Answer { list, record, lines } answer = Answer::record;
    enum class Body { none, settings } body = Body::none;  // settings: --set and --file
    std::span<const FieldOption> options = {};
    // What a list's rows are, if not the resource: "deliveries".
    std::string_view rows = {};
    // How a list goes on. Sequence: by number, always from the first. Iterator: as Svix names it.
    enum class Paging { cursor, sequence, iterator } paging = Paging::cursor;
    // optional: without an id the call is about none in particular.
    enum class Id { required, optional } id = Id::required;
};

std::span<const Verb> resource_verbs();
std::span<const Column> columns_of(const Verb& verb);

// A verb with what was said on the command line.
struct ResourceCommand {
    const Verb* verb = nullptr;
    ApiAccess access;
    std::string positional;
    std::map<std::string, std::vector<std::string>, std::less<>> values;  // by field
    std::vector<std::string> settings;                                    // NAME=VALUE
    std::string settings_file;
    std::string limit;
    std::string cursor;
    std::string order;
    bool json = false;
};

// A subcommand for each resource and verb; parsing one of them fills `command`.
void add_resource_commands(CLI::App& app, ResourceCommand& command);

// A value that is JSON is taken as such: in_flight_max=4, event_types='["*"]'. Others are texts.
Result<ApiCommandCall, Complaint> call_of(const ResourceCommand& command);
// What is printed of a success.
std::string answer_text(const ResourceCommand& command, std::string_view body);
// A ping that the API took may still not have arrived.
bool has_succeeded(std::string_view body);

int run_resource_command(const ResourceCommand& command);

}  // namespace postern::daemon::commands

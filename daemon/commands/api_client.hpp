#pragma once

#include "config/load.hpp"
#include "core/result.hpp"
#include "daemon/http_post.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace postern::daemon::commands {

// The daemon that a command talks to, and as whom.
struct ApiAccess {
    std::string url;
    std::string key;
};

// --url and --key.
void add_access_options(CLI::App& command, ApiAccess& access);
// What was not given is taken from POSTERN_URL and POSTERN_API_KEY, or is the default. The parser's
// own look into the environment would let it win over the command line, since all subcommands
// share one value.
ApiAccess completed(ApiAccess access, const config::Environment& environment);

struct ApiCommandCall {
    std::string method = "GET";
    std::string path;
    std::vector<std::pair<std::string, std::string>> query = {};
    std::string body = {};  // JSON; empty: none
};

Result<PostRequest, Complaint> api_request(const ApiAccess& access, const ApiCommandCall& call);

// What a person is told of an answer that is no success: the API's own words, field by field, and
// what to do about it.
Complaint explain_refusal(const ApiAccess& access, const PostReply& reply);

// The body of a success, which is JSON or empty.
Result<std::string, Complaint> call_api(const ApiAccess& access, const ApiCommandCall& call);

}  // namespace postern::daemon::commands

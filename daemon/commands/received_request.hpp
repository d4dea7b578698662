#pragma once

#include "core/http_message.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::daemon::commands {

// A webhook as somebody kept it: what a log, curl or a provider's console shows.
struct ReceivedRequest {
    std::string method = "POST";
    std::string path;
    std::string query;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    // Views into this request.
    HttpFields fields() const;
    bool operator==(const ReceivedRequest&) const = default;
};

// Reads "Name: value" lines into the request. Also takes a request line, what `curl -v` prints
// ("> Name: value") and what a curl command says (-H 'Name: value'). Stops at an empty line.
std::optional<Complaint> read_headers(std::string_view text, ReceivedRequest& request);

void set_target(ReceivedRequest& request, std::string_view target);

}  // namespace postern::daemon::commands

#pragma once

#include "core/http_message.hpp"
#include "daemon/api_keys.hpp"
#include "storage/request_log_repository.hpp"

#include <chrono>

namespace postern::daemon {

// A request and its answer as the log keeps them: masked and bounded.
struct AnsweredRequest {
    const HttpRequest& request;
    const HttpReply& reply;
    const Identity& identity;
    TimePoint arrived_at;
    std::chrono::microseconds duration{0};
};
storage::RequestLogRow request_record(const AnsweredRequest& answered);

// As either dialect says it; empty: the answer has none.
std::string request_id_of(const HttpReply& reply);

// "card_declined", "NOT_FOUND": of an answer in any of our envelopes; empty: none.
std::string error_code_of(const HttpReply& reply);

}  // namespace postern::daemon

#include "daemon/request_record.hpp"

#include "core/json_document.hpp"
#include "daemon/masked_parameters.hpp"

#include <algorithm>
#include <array>

namespace postern::daemon {
namespace {

constexpr std::size_t kPathBytesMax = 512;
constexpr std::size_t kShortBytesMax = 255;
constexpr std::size_t kErrorBodyBytesMax = 64 * 1024;
constexpr int kFirstError = 400;

// By the field's name of either dialect.
constexpr std::array<std::string_view, 2> kRequestIdFields = {"X-Request-ID", "Request-Id"};

}  // namespace

std::string request_id_of(const HttpReply& reply) {
    for (const HttpReplyField& field : reply.fields) {
        const auto found = std::find(kRequestIdFields.begin(), kRequestIdFields.end(), field.name);
        if (found != kRequestIdFields.end()) return field.value;
    }
    return {};
}

std::string error_code_of(const HttpReply& reply) {
    if (reply.status < kFirstError || reply.body.size() > kErrorBodyBytesMax) return {};
    const auto document = JsonDocument::parse(reply.body);
    if (!document) return {};
    const JsonValue root = document->root();
    const JsonValue error = root["error"];
    for (const std::string_view code :
         {error["code"].string(), root["code"].string(), error["type"].string()}) {
        if (!code.empty()) return masked_line(code, kShortBytesMax);
    }
    return {};
}

storage::RequestLogRow request_record(const AnsweredRequest& answered) {
    const HttpRequest& request = answered.request;
    const std::string_view key = request.fields.value_or_empty("idempotency-key");
    storage::RequestLogRow row;
    row.account = answered.identity.account;
    row.livemode = answered.identity.livemode;
    row.api_key = answered.identity.key;
    row.status = answered.reply.status;
    row.duration = answered.duration;
    row.created_at = answered.arrived_at;
    row.method = masked_line(request.method, kShortBytesMax);
    row.path = masked_line(request.path, kPathBytesMax);
    row.request_id = request_id_of(answered.reply);
    row.idempotency_key = masked_line(key, kShortBytesMax);
    row.peer_address = masked_line(request.peer_address, kShortBytesMax);
    row.error_code = error_code_of(answered.reply);
    row.parameters = masked_parameters(request);
    return row;
}

}  // namespace postern::daemon

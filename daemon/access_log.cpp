#include "daemon/access_log.hpp"

#include "core/log.hpp"
#include "daemon/masked_parameters.hpp"
#include "daemon/request_record.hpp"

namespace postern::daemon {
namespace {

constexpr std::size_t kPathBytesMax = 512;
constexpr std::size_t kShortBytesMax = 255;

std::string known(std::string text) {
    return text.empty() ? "-" : text;
}

}  // namespace

AccessLine access_line_of(const AccessedRequest& accessed) {
    const HttpRequest& request = accessed.request;
    const HttpReply& reply = accessed.reply;
    const auto trace = accessed.trace ? std::string{to_text(accessed.trace->trace).view()} : "";
    return {
        .method = known(masked_line(request.method, kShortBytesMax)),
        .path = known(masked_line(request.path, kPathBytesMax)),
        .status = reply.status,
        .body_bytes = request.body.size(),
        .reply_bytes = reply.body.size(),
        .duration = accessed.duration,
        .peer = known(masked_line(request.peer_address, kShortBytesMax)),
        .error_code = known(error_code_of(reply)),
        .request_id = known(request_id_of(reply)),
        .trace_id = known(trace)};
}

void write_access_line(const AccessedRequest& accessed) {
    const AccessLine line = access_line_of(accessed);
    log::info(
        "http.request",
        {{"method", line.method},
         {"path", line.path},
         {"status", line.status},
         {"body_bytes", line.body_bytes},
         {"reply_bytes", line.reply_bytes},
         {"duration_us", line.duration.count()},
         {"peer", line.peer},
         {"error_code", line.error_code},
         {"request_id", line.request_id},
         {"trace_id", line.trace_id}}
    );
}

}  // namespace postern::daemon

#include "daemon/api/openapi.hpp"

#include "daemon/api/functions.hpp"
#include "daemon/api/replies.hpp"

namespace postern::daemon {

net::Task<HttpReply> get_openapi(const ApiCall&) {
    co_return json_reply(std::string{openapi_document()});
}

}  // namespace postern::daemon

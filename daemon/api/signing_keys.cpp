#include "daemon/api/functions.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"

namespace postern::daemon {

net::Task<HttpReply> list_signing_keys(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    std::vector<std::shared_ptr<const dispatch::AsymmetricKey>> keys;
    if (call.around.signing_key != nullptr) keys.push_back(call.around.signing_key);
    co_return json_reply(dispatch::jwks_of(keys));
}

}  // namespace postern::daemon

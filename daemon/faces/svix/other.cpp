#include "daemon/api/replies.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "daemon/faces/svix/replies.hpp"

namespace postern::daemon::svix {

net::Task<HttpReply> get_health(const ApiCall&) {
    co_return no_content_reply();
}

net::Task<HttpReply> refuse_portal(const ApiCall&) {
    co_return not_offered_reply(
        "This server has no portal for your customers: build one on the same API"
    );
}

net::Task<HttpReply> refuse_cloud_only(const ApiCall&) {
    co_return not_offered_reply("This server does not offer this part of Svix's API");
}

}  // namespace postern::daemon::svix

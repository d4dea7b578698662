#pragma once

#include "daemon/api.hpp"

// What stands behind the lines of daemon/routes.cpp that begin with /v1. The call outlives the
// returned task.
namespace postern::daemon::stripe {

net::Task<HttpReply> create_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> list_webhook_endpoints(const ApiCall& call);
net::Task<HttpReply> get_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> update_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> delete_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> list_events(const ApiCall& call);
net::Task<HttpReply> get_event(const ApiCall& call);

}  // namespace postern::daemon::stripe

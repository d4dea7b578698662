#pragma once

#include "daemon/api.hpp"

// What stands behind each line of daemon/routes.cpp. The call outlives the returned task.
namespace postern::daemon {

net::Task<HttpReply> list_inbox_items(const ApiCall& call);
net::Task<HttpReply> get_inbox_item(const ApiCall& call);
net::Task<HttpReply> reprocess_inbox_item(const ApiCall& call);
net::Task<HttpReply> list_events(const ApiCall& call);
net::Task<HttpReply> get_event(const ApiCall& call);
net::Task<HttpReply> list_event_types(const ApiCall& call);
net::Task<HttpReply> list_gateways(const ApiCall& call);
net::Task<HttpReply> get_gateway(const ApiCall& call);
net::Task<HttpReply> get_openapi(const ApiCall& call);

}  // namespace postern::daemon

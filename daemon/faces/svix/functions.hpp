#pragma once

#include "daemon/api.hpp"

// What stands behind the lines of daemon/routes.cpp that are Svix's. The call outlives the returned
// task.
namespace postern::daemon::svix {

net::Task<HttpReply> list_applications(const ApiCall& call);
net::Task<HttpReply> create_application(const ApiCall& call);
net::Task<HttpReply> get_application(const ApiCall& call);
net::Task<HttpReply> put_application(const ApiCall& call);
net::Task<HttpReply> patch_application(const ApiCall& call);
net::Task<HttpReply> delete_application(const ApiCall& call);

net::Task<HttpReply> list_endpoints(const ApiCall& call);
net::Task<HttpReply> create_endpoint(const ApiCall& call);
net::Task<HttpReply> get_endpoint(const ApiCall& call);
net::Task<HttpReply> put_endpoint(const ApiCall& call);
net::Task<HttpReply> patch_endpoint(const ApiCall& call);
net::Task<HttpReply> delete_endpoint(const ApiCall& call);
net::Task<HttpReply> get_endpoint_headers(const ApiCall& call);
net::Task<HttpReply> put_endpoint_headers(const ApiCall& call);
net::Task<HttpReply> patch_endpoint_headers(const ApiCall& call);
net::Task<HttpReply> get_endpoint_secret(const ApiCall& call);
net::Task<HttpReply> rotate_endpoint_secret(const ApiCall& call);
net::Task<HttpReply> get_endpoint_stats(const ApiCall& call);
net::Task<HttpReply> recover_endpoint(const ApiCall& call);
net::Task<HttpReply> replay_missing(const ApiCall& call);
net::Task<HttpReply> bulk_replay(const ApiCall& call);
net::Task<HttpReply> send_example(const ApiCall& call);
net::Task<HttpReply> list_attempted_messages(const ApiCall& call);

net::Task<HttpReply> list_messages(const ApiCall& call);
net::Task<HttpReply> create_message(const ApiCall& call);
net::Task<HttpReply> get_message(const ApiCall& call);
net::Task<HttpReply> list_attempted_endpoints(const ApiCall& call);
net::Task<HttpReply> resend_message(const ApiCall& call);
net::Task<HttpReply> get_attempt(const ApiCall& call);
net::Task<HttpReply> list_attempts_of_endpoint(const ApiCall& call);
net::Task<HttpReply> list_attempts_of_message(const ApiCall& call);

net::Task<HttpReply> list_event_types(const ApiCall& call);
net::Task<HttpReply> create_event_type(const ApiCall& call);
net::Task<HttpReply> get_event_type(const ApiCall& call);
net::Task<HttpReply> put_event_type(const ApiCall& call);
net::Task<HttpReply> patch_event_type(const ApiCall& call);
net::Task<HttpReply> delete_event_type(const ApiCall& call);

net::Task<HttpReply> list_tasks(const ApiCall& call);
net::Task<HttpReply> get_task(const ApiCall& call);
net::Task<HttpReply> get_health(const ApiCall& call);
net::Task<HttpReply> refuse_portal(const ApiCall& call);
// For what Svix's cloud has and this server has not.
net::Task<HttpReply> refuse_cloud_only(const ApiCall& call);

}  // namespace postern::daemon::svix

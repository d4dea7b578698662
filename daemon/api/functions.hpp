#pragma once

#include "daemon/api.hpp"

// What stands behind each line of daemon/routes.cpp. The call outlives the returned task.
namespace postern::daemon {

net::Task<HttpReply> list_inbox_items(const ApiCall& call);
net::Task<HttpReply> get_inbox_item(const ApiCall& call);
net::Task<HttpReply> reprocess_inbox_item(const ApiCall& call);
net::Task<HttpReply> list_events(const ApiCall& call);
net::Task<HttpReply> get_event(const ApiCall& call);
net::Task<HttpReply> resend_event(const ApiCall& call);
net::Task<HttpReply> resend_events(const ApiCall& call);
net::Task<HttpReply> list_event_types(const ApiCall& call);
net::Task<HttpReply> list_gateways(const ApiCall& call);
net::Task<HttpReply> get_gateway(const ApiCall& call);
net::Task<HttpReply> list_webhook_endpoints(const ApiCall& call);
net::Task<HttpReply> create_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> get_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> update_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> delete_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> rotate_webhook_secret(const ApiCall& call);
net::Task<HttpReply> get_webhook_secret(const ApiCall& call);
net::Task<HttpReply> enable_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> disable_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> ping_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> recover_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> list_webhook_deliveries(const ApiCall& call);
net::Task<HttpReply> get_webhook_stats(const ApiCall& call);
net::Task<HttpReply> list_webhook_gaps(const ApiCall& call);
net::Task<HttpReply> dry_run_webhook_filter(const ApiCall& call);
net::Task<HttpReply> dry_run_webhook_endpoint(const ApiCall& call);
net::Task<HttpReply> get_delivery(const ApiCall& call);
net::Task<HttpReply> retry_delivery(const ApiCall& call);
net::Task<HttpReply> cancel_delivery(const ApiCall& call);
net::Task<HttpReply> list_jobs(const ApiCall& call);
net::Task<HttpReply> get_job(const ApiCall& call);
net::Task<HttpReply> cancel_job(const ApiCall& call);
net::Task<HttpReply> list_signing_keys(const ApiCall& call);
net::Task<HttpReply> list_api_keys(const ApiCall& call);
net::Task<HttpReply> create_api_key(const ApiCall& call);
net::Task<HttpReply> roll_api_key(const ApiCall& call);
net::Task<HttpReply> revoke_api_key(const ApiCall& call);
net::Task<HttpReply> list_request_logs(const ApiCall& call);
net::Task<HttpReply> get_request_log(const ApiCall& call);
net::Task<HttpReply> get_openapi(const ApiCall& call);

}  // namespace postern::daemon

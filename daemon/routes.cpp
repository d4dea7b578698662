#include "daemon/api.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/faces/stripe/functions.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "daemon/route_table.hpp"

#include <array>

namespace postern::daemon {
namespace {

constexpr std::array kRoutes = {
    Route{"GET", "/api/v2/inbox", Access::reading, list_inbox_items},
    Route{"GET", "/api/v2/inbox/{id}", Access::reading, get_inbox_item},
    Route{"POST", "/api/v2/inbox/{id}/reprocess", Access::writing, reprocess_inbox_item},
    Route{"GET", "/api/v2/events", Access::reading, list_events},
    Route{"GET", "/api/v2/events/{id}", Access::reading, get_event},
    Route{"POST", "/api/v2/events/{id}/resend", Access::writing, resend_event},
    Route{"POST", "/api/v2/events/resend", Access::writing, resend_events},
    Route{"GET", "/api/v2/event-types", Access::reading, list_event_types},
    Route{"GET", "/api/v2/gateways", Access::reading, list_gateways},
    Route{"GET", "/api/v2/gateways/{id}", Access::reading, get_gateway},
    Route{"GET", "/api/v2/webhook-endpoints", Access::reading, list_webhook_endpoints},
    Route{"POST", "/api/v2/webhook-endpoints", Access::writing, create_webhook_endpoint},
    Route{"POST", "/api/v2/webhook-endpoints/dry-run", Access::reading, dry_run_webhook_filter},
    Route{"GET", "/api/v2/webhook-endpoints/{id}", Access::reading, get_webhook_endpoint},
    Route{"PATCH", "/api/v2/webhook-endpoints/{id}", Access::writing, update_webhook_endpoint},
    Route{"DELETE", "/api/v2/webhook-endpoints/{id}", Access::writing, delete_webhook_endpoint},
    Route{"GET", "/api/v2/webhook-endpoints/{id}/secret", Access::writing, get_webhook_secret},
    Route{
        "POST",
        "/api/v2/webhook-endpoints/{id}/rotate-secret",
        Access::writing,
        rotate_webhook_secret},
    Route{
        "POST",
        "/api/v2/webhook-endpoints/{id}/enable",
        Access::writing,
        enable_webhook_endpoint},
    Route{
        "POST",
        "/api/v2/webhook-endpoints/{id}/disable",
        Access::writing,
        disable_webhook_endpoint},
    Route{"POST", "/api/v2/webhook-endpoints/{id}/ping", Access::writing, ping_webhook_endpoint},
    Route{
        "POST",
        "/api/v2/webhook-endpoints/{id}/recover",
        Access::writing,
        recover_webhook_endpoint},
    Route{
        "POST",
        "/api/v2/webhook-endpoints/{id}/dry-run",
        Access::reading,
        dry_run_webhook_endpoint},
    Route{
        "GET",
        "/api/v2/webhook-endpoints/{id}/deliveries",
        Access::reading,
        list_webhook_deliveries},
    Route{"GET", "/api/v2/webhook-endpoints/{id}/stats", Access::reading, get_webhook_stats},
    Route{"GET", "/api/v2/webhook-endpoints/{id}/gaps", Access::reading, list_webhook_gaps},
    Route{"GET", "/api/v2/deliveries/{id}", Access::reading, get_delivery},
    Route{"POST", "/api/v2/deliveries/{id}/retry", Access::writing, retry_delivery},
    Route{"POST", "/api/v2/deliveries/{id}/cancel", Access::writing, cancel_delivery},
    Route{"GET", "/api/v2/jobs", Access::reading, list_jobs},
    Route{"GET", "/api/v2/jobs/{id}", Access::reading, get_job},
    Route{"DELETE", "/api/v2/jobs/{id}", Access::writing, cancel_job},
    Route{"GET", "/api/v2/api-keys", Access::writing, list_api_keys},
    Route{"POST", "/api/v2/api-keys", Access::writing, create_api_key},
    Route{"POST", "/api/v2/api-keys/{id}/roll", Access::writing, roll_api_key},
    Route{"DELETE", "/api/v2/api-keys/{id}", Access::writing, revoke_api_key},
    Route{"GET", "/api/v2/request-logs", Access::reading, list_request_logs},
    Route{"GET", "/api/v2/request-logs/{id}", Access::reading, get_request_log},
    Route{"GET", "/api/v2/signing-keys", Access::open, list_signing_keys},
    Route{"GET", "/openapi.json", Access::open, get_openapi},

    Route{"GET", "/v1/events", Access::reading, stripe::list_events},
    Route{"GET", "/v1/events/{id}", Access::reading, stripe::get_event},
    Route{"GET", "/v1/webhook_endpoints", Access::reading, stripe::list_webhook_endpoints},
    Route{"POST", "/v1/webhook_endpoints", Access::writing, stripe::create_webhook_endpoint},
    Route{"GET", "/v1/webhook_endpoints/{id}", Access::reading, stripe::get_webhook_endpoint},
    Route{"POST", "/v1/webhook_endpoints/{id}", Access::writing, stripe::update_webhook_endpoint},
    Route{"PUT", "/v1/webhook_endpoints/{id}", Access::writing, stripe::update_webhook_endpoint},
    Route{"DELETE", "/v1/webhook_endpoints/{id}", Access::writing, stripe::delete_webhook_endpoint},

    Route{"GET", "/api/v1/app", Access::reading, svix::list_applications},
    Route{"POST", "/api/v1/app", Access::writing, svix::create_application},
    Route{"GET", "/api/v1/app/{app}", Access::reading, svix::get_application},
    Route{"PUT", "/api/v1/app/{app}", Access::writing, svix::put_application},
    Route{"PATCH", "/api/v1/app/{app}", Access::writing, svix::patch_application},
    Route{"DELETE", "/api/v1/app/{app}", Access::writing, svix::delete_application},
    Route{"GET", "/api/v1/app/{app}/endpoint", Access::reading, svix::list_endpoints},
    Route{"POST", "/api/v1/app/{app}/endpoint", Access::writing, svix::create_endpoint},
    Route{"GET", "/api/v1/app/{app}/endpoint/{endpoint}", Access::reading, svix::get_endpoint},
    Route{"PUT", "/api/v1/app/{app}/endpoint/{endpoint}", Access::writing, svix::put_endpoint},
    Route{"PATCH", "/api/v1/app/{app}/endpoint/{endpoint}", Access::writing, svix::patch_endpoint},
    Route{
        "DELETE",
        "/api/v1/app/{app}/endpoint/{endpoint}",
        Access::writing,
        svix::delete_endpoint},
    Route{
        "GET",
        "/api/v1/app/{app}/endpoint/{endpoint}/headers",
        Access::reading,
        svix::get_endpoint_headers},
    Route{
        "PUT",
        "/api/v1/app/{app}/endpoint/{endpoint}/headers",
        Access::writing,
        svix::put_endpoint_headers},
    Route{
        "PATCH",
        "/api/v1/app/{app}/endpoint/{endpoint}/headers",
        Access::writing,
        svix::patch_endpoint_headers},
    Route{
        "GET",
        "/api/v1/app/{app}/endpoint/{endpoint}/secret",
        Access::writing,
        svix::get_endpoint_secret},
    Route{
        "POST",
        "/api/v1/app/{app}/endpoint/{endpoint}/secret/rotate",
        Access::writing,
        svix::rotate_endpoint_secret},
    Route{
        "GET",
        "/api/v1/app/{app}/endpoint/{endpoint}/stats",
        Access::reading,
        svix::get_endpoint_stats},
    Route{
        "POST",
        "/api/v1/app/{app}/endpoint/{endpoint}/recover",
        Access::writing,
        svix::recover_endpoint},
    Route{
        "POST",
        "/api/v1/app/{app}/endpoint/{endpoint}/replay-missing",
        Access::writing,
        svix::replay_missing},
    Route{
        "POST",
        "/api/v1/app/{app}/endpoint/{endpoint}/send-example",
        Access::writing,
        svix::send_example},
    Route{
        "GET",
        "/api/v1/app/{app}/endpoint/{endpoint}/msg",
        Access::reading,
        svix::list_attempted_messages},
    Route{"GET", "/api/v1/app/{app}/msg", Access::reading, svix::list_messages},
    Route{"POST", "/api/v1/app/{app}/msg", Access::writing, svix::create_message},
    Route{"GET", "/api/v1/app/{app}/msg/{message}", Access::reading, svix::get_message},
    Route{
        "GET",
        "/api/v1/app/{app}/msg/{message}/endpoint",
        Access::reading,
        svix::list_attempted_endpoints},
    Route{
        "POST",
        "/api/v1/app/{app}/msg/{message}/endpoint/{endpoint}/resend",
        Access::writing,
        svix::resend_message},
    Route{
        "GET",
        "/api/v1/app/{app}/msg/{message}/attempt/{attempt}",
        Access::reading,
        svix::get_attempt},
    Route{
        "GET",
        "/api/v1/app/{app}/attempt/endpoint/{endpoint}",
        Access::reading,
        svix::list_attempts_of_endpoint},
    Route{
        "GET",
        "/api/v1/app/{app}/attempt/msg/{message}",
        Access::reading,
        svix::list_attempts_of_message},
    Route{"GET", "/api/v1/event-type", Access::reading, svix::list_event_types},
    Route{"POST", "/api/v1/event-type", Access::writing, svix::create_event_type},
    Route{"GET", "/api/v1/event-type/{name}", Access::reading, svix::get_event_type},
    Route{"PUT", "/api/v1/event-type/{name}", Access::writing, svix::put_event_type},
    Route{"PATCH", "/api/v1/event-type/{name}", Access::writing, svix::patch_event_type},
    Route{"DELETE", "/api/v1/event-type/{name}", Access::writing, svix::delete_event_type},
    Route{"GET", "/api/v1/background-task", Access::reading, svix::list_tasks},
    Route{"GET", "/api/v1/background-task/{task}", Access::reading, svix::get_task},
    Route{"GET", "/api/v1/health", Access::open, svix::get_health},
    Route{"GET", "/api/v1/health/ping", Access::open, svix::get_health},
    Route{"POST", "/api/v1/auth/app-portal-access/{app}", Access::writing, svix::refuse_portal},
    Route{"POST", "/api/v1/auth/dashboard-access/{app}", Access::writing, svix::refuse_portal},
    Route{"POST", "/api/v1/auth/logout", Access::writing, svix::refuse_portal},
    Route{
        "POST",
        "/api/v1/app/{app}/endpoint/{endpoint}/bulk-replay",
        Access::writing,
        svix::bulk_replay},
    Route{
        "POST",
        "/api/v1/app/{app}/endpoint/{endpoint}/cancel-msgs",
        Access::writing,
        svix::refuse_cloud_only},
    Route{
        "POST",
        "/api/v1/app/{app}/endpoint/{endpoint}/oauth",
        Access::writing,
        svix::refuse_cloud_only},
    Route{
        "POST",
        "/api/v1/app/{app}/endpoint/{endpoint}/mtls",
        Access::writing,
        svix::refuse_cloud_only},
    Route{
        "POST",
        "/api/v1/app/{app}/endpoint/{endpoint}/ca",
        Access::writing,
        svix::refuse_cloud_only},
    Route{
        "GET",
        "/api/v1/app/{app}/endpoint/{endpoint}/transformation",
        Access::reading,
        svix::refuse_cloud_only},
    Route{
        "PATCH",
        "/api/v1/app/{app}/endpoint/{endpoint}/transformation",
        Access::writing,
        svix::refuse_cloud_only},
    Route{
        "DELETE",
        "/api/v1/app/{app}/msg/{message}/content",
        Access::writing,
        svix::refuse_cloud_only},
    Route{
        "DELETE",
        "/api/v1/app/{app}/msg/{message}/attempt/{attempt}/content",
        Access::writing,
        svix::refuse_cloud_only},
    Route{
        "POST",
        "/api/v1/app/{app}/msg/precheck/active",
        Access::writing,
        svix::refuse_cloud_only},
    Route{"POST", "/api/v1/event-type/import/openapi", Access::writing, svix::refuse_cloud_only},
    Route{"GET", "/api/v1/operational-webhook/endpoint", Access::reading, svix::refuse_cloud_only},
    Route{"POST", "/api/v1/operational-webhook/endpoint", Access::writing, svix::refuse_cloud_only},
    Route{"POST", "/api/v1/environment/export", Access::writing, svix::refuse_cloud_only},
    Route{"POST", "/api/v1/environment/import", Access::writing, svix::refuse_cloud_only},
};

}  // namespace

std::span<const Route> api_routes() {
    return kRoutes;
}

std::shared_ptr<const RouteTable> native_route_table() {
    static const auto table = std::make_shared<const RouteTable>(api_routes());
    return table;
}

}  // namespace postern::daemon

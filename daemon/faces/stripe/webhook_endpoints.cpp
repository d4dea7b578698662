#include "daemon/api/replies.hpp"
#include "daemon/faces/stripe/functions.hpp"
#include "daemon/faces/stripe/parameters.hpp"
#include "daemon/faces/stripe/replies.hpp"
#include "daemon/faces/stripe/webhook_endpoint.hpp"
#include "daemon/write_once.hpp"

namespace postern::daemon::stripe {

using storage::EndpointRow;
using storage::Page;
using storage::StoreError;
using storage::Transaction;

namespace {

constexpr std::string_view kWhat = "webhook endpoint";
constexpr std::string_view kListUrl = "/v1/webhook_endpoints";

storage::EndpointOwner owner_of(const ApiCall& call) {
    return {.account = call.identity.account, .livemode = call.identity.livemode};
}

HttpReply missing(const ApiCall& call) {
    return missing_reply({.what = kWhat, .id = call.path_parameters.front()});
}

// nullopt: an id that was never given out.
std::optional<EndpointName> named(const ApiCall& call) {
    const auto id = call.around.store.ids.decode<EndpointId>(call.path_parameters.front());
    if (!id) return std::nullopt;
    return EndpointName{.owner = owner_of(call), .id = *id};
}

HttpReply endpoint_reply(const ApiCall& call, const OpenEndpoint& endpoint, Secret secret) {
    std::string body;
    JsonWriter writer{body};
    append_webhook_endpoint(writer, endpoint, call.around.store.ids, secret);
    return json_reply(std::move(body));
}

// 404 of the service means the id of the path, whatever the request was about.
Result<HttpReply, StoreError> refused(const ApiCall& call, const ServiceError& error) {
    const auto* refusal = std::get_if<ApiError>(&error);
    if (refusal != nullptr && refusal->status == 404) return missing(call);
    return refusal_of(error);
}

// What the work made, for the directory: of use only once the answer says that it was committed.
bool was_done_now(const HttpReply& reply) {
    return reply.status < 300 && !is_replayed(reply);
}

std::optional<HttpReply> judged(const ApiCall& call, const WebhookEndpointWish& wish) {
    if (!wish.url) return std::nullopt;
    const auto error = judge_url(call.around.dispatcher, call.identity.livemode, *wish.url);
    if (!error) return std::nullopt;
    const std::string& message =
        error->details.empty() ? error->message : error->details.front().message;
    return error_reply({.code = "url_invalid", .message = message, .parameter = "url"});
}

std::optional<ApiError> edit(OpenEndpoint& endpoint, const WebhookEndpointWish& wish) {
    if (wish.url) endpoint.row.url = *wish.url;
    if (wish.disabled) {
        set_status(endpoint, *wish.disabled ? EndpointSwitch::disable : EndpointSwitch::enable);
    }
    return apply(wish, endpoint.settings);
}

struct EndpointPage {
    Page<EndpointRow> page;
    std::vector<OpenEndpoint> endpoints;
};

StoreResult read_endpoint_page(
    storage::Connection& connection,
    const ApiCall& call,
    const ListWish<EndpointId>& wish,
    EndpointPage& found
) {
    auto page = storage::list_endpoints(connection, owner_of(call), wish.page);
    if (!page) return page.error();
    found.page = std::move(*page);
    newest_first(found.page, wish.direction);
    for (const EndpointRow& row : found.page.rows) {
        auto endpoint = find_open_endpoint(
            connection, call.around.secrets, {.owner = owner_of(call), .id = row.id}
        );
        if (!endpoint) return endpoint.error();
        if (*endpoint) found.endpoints.push_back(std::move(**endpoint));
    }
    return {};
}

}  // namespace

net::Task<HttpReply> create_webhook_endpoint(const ApiCall& call) {
    const auto body = read_request_body(call.request);
    if (!body) co_return complaint_reply(body.error());
    Parameters parameters{*body};
    const WebhookEndpointWish wish = read_wish(parameters, WishFor::creation);
    expand_nothing(parameters);
    if (const auto complaint = parameters.finish()) co_return complaint_reply(*complaint);
    if (auto refusal = judged(call, wish)) co_return std::move(*refusal);
    EndpointDraft draft{.owner = owner_of(call), .uid = {}, .url = *wish.url};
    draft.settings.format = dispatch::PayloadFormat::stripe;
    if (const auto error = apply(wish, draft.settings)) co_return daemon::error_reply(*error);
    std::optional<OpenEndpoint> made;
    const OnceWork work = [&call, &draft, &made](Transaction& transaction
                          ) -> Result<HttpReply, StoreError> {
        auto created = create_endpoint(transaction, call.around.secrets, draft);
        if (!created) return refused(call, created.error());
        made = std::move(*created);
        return endpoint_reply(call, *made, Secret::shown);
    };
    auto writing = write_once(call, work);
    HttpReply reply = co_await std::move(writing);
    if (made && was_done_now(reply)) publish_endpoint(call.around, *made);
    co_return reply;
}

net::Task<HttpReply> list_webhook_endpoints(const ApiCall& call) {
    const auto query = read_form(call.request.query);
    if (!query) co_return complaint_reply(query.error());
    Parameters parameters{*query};
    const auto wish = read_list<EndpointId>(parameters, call.around.store.ids, kWhat);
    expand_nothing(parameters);
    if (const auto complaint = parameters.finish()) co_return complaint_reply(*complaint);
    EndpointPage found;
    const ReadWork work = [&call, &wish, &found](storage::Connection& connection) -> StoreResult {
        return read_endpoint_page(connection, call, wish, found);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const OpenEndpoint& endpoint : found.endpoints) {
        append_webhook_endpoint(writer, endpoint, call.around.store.ids, Secret::hidden);
    }
    end_list(
        writer, {.url = kListUrl, .has_more = found.page.more == decltype(found.page)::More::yes}
    );
    co_return json_reply(std::move(body));
}

net::Task<HttpReply> get_webhook_endpoint(const ApiCall& call) {
    const auto query = read_form(call.request.query);
    if (!query) co_return complaint_reply(query.error());
    Parameters parameters{*query};
    expand_nothing(parameters);
    if (const auto complaint = parameters.finish()) co_return complaint_reply(*complaint);
    const auto name = named(call);
    if (!name) co_return missing(call);
    std::optional<OpenEndpoint> found;
    const ReadWork work = [&call, &name, &found](storage::Connection& connection) -> StoreResult {
        auto endpoint = find_open_endpoint(connection, call.around.secrets, *name);
        if (!endpoint) return endpoint.error();
        found = std::move(*endpoint);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!found) co_return missing(call);
    co_return endpoint_reply(call, *found, Secret::hidden);
}

net::Task<HttpReply> update_webhook_endpoint(const ApiCall& call) {
    const auto body = read_request_body(call.request);
    if (!body) co_return complaint_reply(body.error());
    Parameters parameters{*body};
    const WebhookEndpointWish wish = read_wish(parameters, WishFor::update);
    expand_nothing(parameters);
    if (const auto complaint = parameters.finish()) co_return complaint_reply(*complaint);
    const auto name = named(call);
    if (!name) co_return missing(call);
    if (auto refusal = judged(call, wish)) co_return std::move(*refusal);
    std::optional<OpenEndpoint> made;
    const EndpointEdit change = [&wish](OpenEndpoint& endpoint, TimePoint) {
        return edit(endpoint, wish);
    };
    const OnceWork work = [&call, &name, &change, &made](Transaction& transaction
                          ) -> Result<HttpReply, StoreError> {
        auto changed = change_endpoint(transaction, call.around.secrets, *name, change);
        if (!changed) return refused(call, changed.error());
        made = std::move(*changed);
        return endpoint_reply(call, *made, Secret::hidden);
    };
    auto writing = write_once(call, work);
    HttpReply reply = co_await std::move(writing);
    if (made && was_done_now(reply)) publish_endpoint(call.around, *made);
    co_return reply;
}

net::Task<HttpReply> delete_webhook_endpoint(const ApiCall& call) {
    const auto name = named(call);
    if (!name) co_return missing(call);
    const OnceWork work = [&call,
                           &name](Transaction& transaction) -> Result<HttpReply, StoreError> {
        const auto deleted = delete_endpoint(transaction, *name);
        if (!deleted) return refused(call, deleted.error());
        std::string body;
        JsonWriter writer{body};
        append_deleted(writer, {.object = "webhook_endpoint", .id = call.path_parameters.front()});
        return json_reply(std::move(body));
    };
    auto writing = write_once(call, work);
    HttpReply reply = co_await std::move(writing);
    if (was_done_now(reply)) {
        publish_deletion(call.around, name->id);
        call.around.jobs.wake();
    }
    co_return reply;
}

}  // namespace postern::daemon::stripe

#include "daemon/endpoint_memory.hpp"

#include "core/log.hpp"
#include "daemon/blocking_read.hpp"
#include "daemon/endpoint_service.hpp"

#include <set>

namespace postern::daemon {

using storage::Connection;
using storage::EndpointRow;

namespace {

void put_row(EndpointRow row, const EndpointMemory& memory) {
    const EndpointId id = row.id;
    auto endpoint = open_row(std::move(row), memory.secrets);
    if (endpoint) {
        if (auto ready = dispatch::endpoint_of(endpoint->row, endpoint->secrets)) {
            return memory.directory.put(std::move(*ready));
        }
    }
    log::error("endpoint.not_read_again", {{"number", id.value}});
}

}  // namespace

StoreResult refresh_endpoint(Connection& connection, const EndpointMemory& memory, EndpointId id) {
    auto row = storage::find_endpoint(connection, id);
    if (!row) return row.error();
    if (*row && !(*row)->deleted_at) {
        put_row(std::move(**row), memory);
    } else {
        memory.directory.remove(id);
    }
    return {};
}

StoreResult refresh_directory(Connection& connection, const EndpointMemory& memory) {
    // Before the read: one that is made meanwhile is not there to be taken for a deleted one.
    const auto known = memory.directory.all();
    auto rows = storage::load_endpoints(connection);
    if (!rows) return rows.error();
    std::set<EndpointId> there;
    for (EndpointRow& row : *rows) {
        there.insert(row.id);
        put_row(std::move(row), memory);
    }
    for (const auto& endpoint : known) {
        if (!there.contains(endpoint->id)) memory.directory.remove(endpoint->id);
    }
    return {};
}

Result<void, Complaint>
fill_directory(Store& store, const SecretBox& secrets, dispatch::EndpointDirectory& directory) {
    std::vector<EndpointRow> rows;
    const ReadWork work = [&rows](Connection& connection) -> StoreResult {
        auto loaded = storage::load_endpoints(connection);
        if (!loaded) return loaded.error();
        rows = std::move(*loaded);
        return {};
    };
    const StoreResult read = read_and_wait(store.readers, work);
    if (!read) {
        return Complaint{
            "The webhook endpoints cannot be read: " + std::string{to_text(read.error())}};
    }
    std::vector<dispatch::EndpointDirectory::EndpointPointer> endpoints;
    for (EndpointRow& row : rows) {
        const std::string id = store.ids.encode(row.id);
        auto endpoint = open_row(std::move(row), secrets);
        if (!endpoint) {
            return Complaint{
                "The secrets of webhook endpoint " + id
                + " cannot be opened: the secret key beside the store is not the one that they "
                  "were sealed with"};
        }
        auto ready = dispatch::endpoint_of(endpoint->row, endpoint->secrets);
        if (!ready) return std::move(ready.error());
        endpoints.push_back(std::move(*ready));
    }
    directory.load(std::move(endpoints));
    return {};
}

}  // namespace postern::daemon

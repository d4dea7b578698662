#pragma once

#include "storage/postgres/postgres_database.hpp"
#include "tests/unit/storage/postgres_server.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <memory>
#include <string>
#include <vector>

namespace postern::cluster {

// A store on a real PostgreSQL, whose tables the test writes by hand.
class ClusterStore {
 public:
    static constexpr std::int64_t kForever = std::int64_t{1} << 60;

    ClusterStore()
        : url_{storage::PostgresServer::instance().url_of(folder_.path())},
          name_{name_in(url_)},
          database_{*storage::open_postgres({.url = url_}, clock_)} {}

    storage::Database& database() { return *database_; }
    std::unique_ptr<storage::Connection> open_side() { return std::move(*database_->open_side()); }

    std::vector<std::string> ask(const std::string& sql) const {
        return storage::PostgresServer::instance().ask(name_, sql);
    }
    void add_node(std::int64_t id, std::int64_t lease_until = kForever) {
        ask("INSERT INTO nodes VALUES (" + std::to_string(id) + ", " + std::to_string(id)
            + ", 'node', '', '1', 1, 0, " + std::to_string(lease_until) + ")");
    }
    void end_lease(std::int64_t node) {
        ask("UPDATE nodes SET lease_until = 1 WHERE id = " + std::to_string(node));
    }
    void add_endpoint(EndpointId id) {
        ask("INSERT INTO endpoints SELECT " + std::to_string(id.value)
            + ", MIN(id), 0, 0, 1, 0, 0, NULL, '', '', '', '{}', '' FROM accounts");
    }
    void add_delivery(EndpointId endpoint, std::int64_t due_at, int queue = 0) {
        const std::string id = std::to_string(++deliveries_);
        ask("INSERT INTO deliveries VALUES (" + id + ", " + id + ", "
            + std::to_string(endpoint.value) + ", 1, 0, " + id + ", 0, 0, " + std::to_string(queue)
            + ", " + std::to_string(due_at) + ", 0, 0, 0, 0, 0, 0, 0, 0, NULL, '')");
    }
    std::string holder_of(EndpointId endpoint) const {
        const auto rows =
            ask("SELECT node_id FROM lanes WHERE endpoint_id = " + std::to_string(endpoint.value));
        return rows.empty() ? "nobody" : rows.front();
    }

 private:
    static std::string name_in(const std::string& url) {
        const std::size_t begin = url.find("dbname=") + 7;
        return url.substr(begin, url.find(' ', begin) - begin);
    }

    storage::TemporaryDirectory folder_;
    storage::FixedClock clock_;
    std::string url_;
    std::string name_;
    std::unique_ptr<storage::Database> database_;
    std::int64_t deliveries_ = 0;
};

}  // namespace postern::cluster

#include "tests/unit/storage/delivery_fixture.hpp"
#include "tests/unit/storage/hot_queries.hpp"
#include "tests/unit/storage/postgres_store.hpp"
#include "tests/unit/storage/query_plans.hpp"

namespace postern::storage {
namespace {

// Enough of everything that an index is worth it, and most of it what a partial index leaves out.
constexpr const char* kFill =
    "INSERT INTO deliveries SELECT n, n, 11 + n % 200, 1, 0, n, n % 4000,"
    " CASE WHEN n % 100 = 0 THEN 3 ELSE 2 END, CASE WHEN n % 50 = 1 THEN n % 3 END,"
    " n, 1, 1, 1, 0, 0, 200, 0, 0, 0, '' FROM generate_series(1, 20000) AS n;"
    "INSERT INTO attempts SELECT n, n % 10000, n, 0, 0, 0, 0, 0, 0, 0, 200, 0, '', '', ''"
    " FROM generate_series(1, 20000) AS n;"
    "INSERT INTO accounts (id, name, created_at, parent_id, uid) SELECT n, 'a', 0,"
    " CASE WHEN n % 2 = 0 THEN 1 END, CASE WHEN n % 4 = 0 THEN 'a' || n ELSE '' END"
    " FROM generate_series(2, 10000) AS n;"
    "INSERT INTO endpoints SELECT n, 1 + n % 2000, n % 2, 0, 1, 0, 0, NULL,"
    " CASE WHEN n % 4 = 0 THEN 'a' || n ELSE '' END, '', 'u', '{}', ''"
    " FROM generate_series(1, 10000) AS n;"
    "INSERT INTO events (id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object, kind, own_type, external_id)"
    " SELECT n, 1 + n % 20, 0, 0, 1, 0, '', '', 0, '{}', CASE WHEN n % 10 < 4 THEN n % 10 ELSE 0"
    " END, CASE WHEN n % 10 = 3 THEN 't' || n % 9 ELSE '' END,"
    " CASE WHEN n % 10 = 1 THEN 'a' || n ELSE '' END FROM generate_series(1, 20000) AS n;"
    "INSERT INTO jobs SELECT n, 1 + n % 2000, 0, 0, 1, n % 500, 0, 0, 0, 0, 0, 0, '', ''"
    " FROM generate_series(1, 10000) AS n;"
    "ANALYZE";

class PostgresQueryPlan : public PostgresStoreTest {
 protected:
    // As it is planned once for whatever values come, which is the plan that lasts. Few rows may be
    // gathered first and sorted then, which costs no more and hides what this is about.
    std::string plan_of(const std::string& text) const {
        std::size_t parameters = 0;
        while (text.find("$" + std::to_string(parameters + 1)) != std::string::npos) ++parameters;
        std::string values;
        for (std::size_t i = 0; i < parameters; ++i) values += i == 0 ? "NULL" : ", NULL";
        std::string plan;
        for (const std::string& line :
             ask("SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off;"
                 " SET plan_cache_mode = force_generic_plan; PREPARE asked AS "
                 + text + "; EXPLAIN (COSTS OFF) EXECUTE asked"
                 + (parameters == 0 ? std::string{} : "(" + values + ")"))) {
            plan += line + "\n";
        }
        return plan;
    }
};

TEST_F(PostgresQueryPlan, ReadsEachListFromItsIndexWithoutSorting) {
    static_cast<void>(ask(kFill));
    for (const HotQuery& query : hot_queries()) {
        SCOPED_TRACE(query.name);
        ListeningConnection listening{database_->writer()};
        query.ask(listening);
        ASSERT_FALSE(listening.texts.empty());
        const std::string plan = plan_of(listening.texts.back());
        EXPECT_NE(plan.find(query.postgres_index), std::string::npos) << plan;
        EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
        EXPECT_EQ(plan.find("Sort"), std::string::npos) << plan;
    }
}

}  // namespace
}  // namespace postern::storage

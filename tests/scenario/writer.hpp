#pragma once

#include "core/result.hpp"
#include "storage/store_error.hpp"
#include "tests/scenario/agenda.hpp"
#include "tests/scenario/fake_store.hpp"
#include "tests/scenario/plan.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace postern::scenario {

// What goes wrong with the store at the moment, whoever uses it.
struct StoreTrouble {
    Microseconds stalled_until{0};
    Microseconds failing_until{0};
    StoreFaults faults;  // those of the plan, until the world is healed
};

// A piece of work for the one writer. A crash loses what was not committed, and the answer to what
// was.
struct Unit {
    std::function<Result<void, storage::StoreError>()> run;
    std::function<void()> committed;  // at the commit itself: whoever watches the store
    enum class End : std::uint8_t { committed, failed };
    std::function<void(End)> done;  // to the process that asked
    // The dispatcher hears of its own records and of what came in as they were committed. What an
    // API handler does goes round by its thread, and may be overtaken by later ones.
    enum class Answer : std::uint8_t { in_order, round_about } answer = Answer::in_order;
};

// Commits in groups, as the real one does, after a while.
class Writer : public std::enable_shared_from_this<Writer> {
 public:
    Writer(Agenda& agenda, FakeStore& store, const StoreTrouble& trouble, Random random)
        : agenda_{agenda}, store_{store}, trouble_{trouble}, random_{random} {}

    void submit(Unit unit);

 private:
    void commit_soon();
    void commit_group();
    Unit::End run(const Unit& unit);
    Microseconds answer_time(Unit::Answer answer);

    Agenda& agenda_;
    FakeStore& store_;
    const StoreTrouble& trouble_;
    Random random_;
    Microseconds answered_until_{0};
    std::vector<Unit> waiting_;
};

}  // namespace postern::scenario

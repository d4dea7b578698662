#pragma once

#include "tests/scenario/checker.hpp"
#include "tests/scenario/process.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern::scenario {

struct RunResult {
    std::optional<Violation> violation;
    std::uint64_t trace_hash = 0;
    Situations seen;
    std::int64_t events = 0;
    std::int64_t attempts = 0;
};

// What the clock on the wall shows: true time, and whatever somebody set it to.
class WallClock final : public Clock {
 public:
    explicit WallClock(const Agenda& agenda) : agenda_{agenda} {}
    TimePoint now() const override { return kWorldBegins + agenda_.now() + shift_; }
    void set(Microseconds shift) { shift_ += shift; }

 private:
    const Agenda& agenda_;
    Microseconds shift_{0};
};

// Everything around the daemon: providers that send events and send them again, people who edit
// endpoints, supervisors that restart it, and faults. One thread, no real time.
class World {
 public:
    World(const Plan& plan, Trace::Printing printing);
    RunResult run();

 private:
    void do_deed(const Deed& deed);
    void start_process();
    void end_process(const Deed& deed);
    // Tries it again every second while there is no process, as any client would.
    void with_process(std::function<void()> deed);

    struct Ingest;
    void event_arrives(std::size_t index);
    Result<void, storage::StoreError> ingest(Ingest& made);
    void ingested(const Ingest& made, Unit::End end);

    enum class Change : std::uint8_t { disable, enable, remove, edit };
    void change_endpoint(EndpointId id, Change change);
    std::optional<dispatch::Endpoint> changed(EndpointId id, Change change);
    void endpoint_changed(const dispatch::Endpoint& endpoint, Change change);
    void cancel_of_deleted(EndpointId id);

    DeliveryId choose_delivery();
    struct ByHand;
    void changed_by_hand(const ByHand& wish, Unit::End end);
    // A job opens what is closed, behind the earlier ones of its payment.
    enum class Wisher : std::uint8_t { person, job };
    Result<void, storage::StoreError> open_again(ByHand& wish, Wisher wisher);
    void retry(DeliveryId id, Wisher wisher);
    void cancel(DeliveryId id, std::string_view reason);
    void heal();
    void audit_from_now_on();

    std::vector<EndpointId> existing() const;

    const Plan& plan_;
    Random random_;
    Agenda agenda_;
    Trace trace_;
    Situations seen_;
    WallClock wall_{agenda_};
    FakeStore store_{wall_};
    FakeNetwork network_;
    StoreTrouble trouble_;
    Checker checker_;
    std::shared_ptr<Process> process_;
    std::vector<EndpointId> deleted_;
    std::set<EventId> accepted_;  // committed once; retention may have taken them since
};

}  // namespace postern::scenario

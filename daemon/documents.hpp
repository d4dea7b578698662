#pragma once

#include "core/time.hpp"
#include "core/worker_pool.hpp"
#include "net/runtime.hpp"
#include "verifiers/provider.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace postern::daemon {

// What providers must be asked for before a request can be judged. Certificates are kept until they
// expire and asked for once, however many requests wait for them.
class Documents {
 public:
    using FetchFunction = std::function<verifiers::FetchedDocument(const verifiers::Fetch&)>;

    Documents(WorkerPool& pool, const Clock& clock, FetchFunction fetch);

    net::Task<std::shared_ptr<const verifiers::FetchedDocument>>
    get(const verifiers::Fetch& fetch, net::IoThread& thread);
    // Any thread: nobody is asked from here on, and who waits in the queue gets nothing. Slow
    // providers then hold up no stop.
    void give_up() { given_up_.store(true, std::memory_order_relaxed); }

 private:
    class Waiting;
    struct Entry {
        std::shared_ptr<const verifiers::FetchedDocument> document;
        TimePoint good_until;
        std::vector<Waiting*> waiting;  // not empty: a fetch is under way
    };

    net::Task<std::shared_ptr<const verifiers::FetchedDocument>>
    get_once(const verifiers::Fetch& fetch, net::IoThread& thread);
    verifiers::FetchedDocument ask(const verifiers::Fetch& fetch) const;
    void start(const verifiers::Fetch& fetch, Waiting& waiting);
    void finish(const verifiers::Fetch& fetch, verifiers::FetchedDocument document);
    void forget_expired(TimePoint now);

    WorkerPool& pool_;
    const Clock& clock_;
    FetchFunction fetch_;
    std::atomic<bool> given_up_{false};
    std::mutex mutex_;
    std::map<std::string, Entry, std::less<>> kept_;
};

// Over the network, with net::fetch_https.
verifiers::FetchedDocument fetch_from_provider(const verifiers::Fetch& fetch);

}  // namespace postern::daemon

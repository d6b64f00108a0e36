//! Which conversations there are: by pair, and by user.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use futures_util::future::try_join;
use switchboard::Unavailable;
use switchboard::log::Conversation;
use switchboard::ports::store::{Block, Blocks, Created, Directory, Pair};
use switchboard::protocol::action::Position;
use switchboard::protocol::{ConversationId, Key, Role, TimestampMs, UserId};

use super::log::{is_contention, winner_of};
use super::transport::Request as _;
use super::{DynamoStore, LISTS, Read, condition_failed, failed, read, read_all};
use crate::aws::item::{
    Build, Item, Unreadable, conversation_item, key, list_item, listed_from, new_member_item,
    number, pair_item, text,
};

#[async_trait::async_trait]
impl Directory for DynamoStore {
    async fn paired(&self, pair: &Pair, key: &Key) -> Result<Option<ConversationId>, Unavailable> {
        const DOING: &str = "look a pair up";
        let (pk, sk) = (key::pair(pair), key::paired(key));
        let item = self.chat_item(DOING, pk, sk, Read::Consistent).await?;
        item.map(|item| read(DOING, &item, conversation_id))
            .transpose()
    }

    async fn conversations_of(&self, pair: &Pair) -> Result<Vec<ConversationId>, Unavailable> {
        const DOING: &str = "read a pair's conversations";
        let query = self
            .query(key::pair(pair))
            .key_condition_expression("pk = :pk");
        let query = query.consistent_read(true);
        let (mut found, mut start): (Vec<ConversationId>, Option<Item>) = (Vec::new(), None);
        loop {
            let page = query
                .clone()
                .set_exclusive_start_key(start)
                .over(&*self.transport)
                .await;
            let output = page.map_err(|error| failed(DOING, error))?;
            found.extend(read_all(DOING, output.items(), conversation_id)?);
            start = output.last_evaluated_key;
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    async fn acquainted(&self, pair: &Pair) -> Result<bool, Unavailable> {
        let query = self
            .query(key::pair(pair))
            .key_condition_expression("pk = :pk")
            .limit(1);
        let output = query
            .over(&*self.transport)
            .await
            .map_err(|error| failed("look a pair up", error))?;
        Ok(!output.items().is_empty())
    }

    async fn create(
        &self,
        conversation: &Conversation,
        by: Role,
        blocks: Blocks,
    ) -> Result<Created, Unavailable> {
        const DOING: &str = "create a conversation";
        let items = self.creation(conversation, by, blocks);
        let items = items.map_err(|error| Unavailable::new(DOING, error))?;
        let result = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await;
        let Err(error) = result else {
            return Ok(Created::New);
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
            error.as_service_error()
        else {
            return Err(failed(DOING, error));
        };
        if let Some(winner) = canceled.cancellation_reasons().first().and_then(winner_of) {
            return Ok(Created::Exists(read(DOING, winner, conversation_id)?));
        }
        if canceled.cancellation_reasons().iter().any(is_contention) {
            return Ok(Created::Contended);
        }
        Err(failed(DOING, error))
    }

    async fn recent(
        &self,
        user: &UserId,
        upto: TimestampMs,
        after: Option<&Position>,
        limit: usize,
    ) -> Result<Vec<Position>, Unavailable> {
        const DOING: &str = "read a user's list";
        let start = after.map(|position| list_item(user, &position.conversation, position.last_at));
        let output = self
            .query(key::user(user))
            .index_name(LISTS)
            .key_condition_expression("pk = :pk AND listed_at <= :upto")
            .expression_attribute_values(":upto", number(upto))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start)
            .over(&*self.transport)
            .await
            .map_err(|error| failed(DOING, error))?;
        read_all(DOING, output.items(), listed_from)
    }

    async fn touch(&self, conversation: &Conversation, at: TimestampMs) -> Result<(), Unavailable> {
        let id = &conversation.id;
        let (customer, provider) = (&conversation.pair.customer, &conversation.pair.provider);
        try_join(
            self.raise_time(key::user(customer), key::conversation(id), "listed_at", at),
            self.raise_time(key::user(provider), key::conversation(id), "listed_at", at),
        )
        .await?;
        // Last, so that whoever fails before it begins again.
        self.raise_time(
            key::conversation(id),
            key::META.to_owned(),
            "touched_at",
            at,
        )
        .await
    }

    async fn blocks(&self, user: &UserId, other: &UserId) -> Result<bool, Unavailable> {
        let (pk, sk) = (key::user(user), key::block(other));
        let item = self
            .chat_item("read a block", pk, sk, Read::Consistent)
            .await?;
        Ok(item.is_some())
    }

    async fn note_block(
        &self,
        user: &UserId,
        other: &UserId,
        block: Block,
    ) -> Result<(), Unavailable> {
        const DOING: &str = "note a block";
        let (pk, sk) = (key::user(user), key::block(other));
        if block == Block::On {
            return self.put_chat(DOING, Build::keyed(pk, sk).done()).await;
        }
        let delete = self.client.delete_item().table_name(&self.tables.chat);
        let delete = delete
            .key("pk", text(pk))
            .key("sk", text(sk))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        delete
            .over(&*self.transport)
            .await
            .map(|_| ())
            .map_err(|error| failed(DOING, error))
    }

    async fn note_block_in(
        &self,
        conversation: &ConversationId,
        user: &UserId,
        block: Block,
    ) -> Result<(), Unavailable> {
        let blocks = aws_sdk_dynamodb::types::AttributeValue::Bool(block == Block::On);
        let update = self.update_member(conversation, user, "SET blocks = :blocks");
        let result = update
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":blocks", blocks)
            .over(&*self.transport)
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error) if condition_failed(&error) => Ok(()),
            Err(error) => Err(failed("note a block in a conversation", error)),
        }
    }
}

impl DynamoStore {
    /// Raises a time attribute, never lowers it.
    async fn raise_time(
        &self,
        pk: String,
        sk: String,
        attribute: &str,
        at: TimestampMs,
    ) -> Result<(), Unavailable> {
        let update = self.client.update_item().table_name(&self.tables.chat);
        let result = update
            .key("pk", text(pk))
            .key("sk", text(sk))
            .update_expression("SET #at = :at")
            .condition_expression("#at < :at")
            .expression_attribute_names("#at", attribute)
            .expression_attribute_values(":at", number(at))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .over(&*self.transport)
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error) if condition_failed(&error) => Ok(()),
            Err(error) => Err(failed("move a conversation up a list", error)),
        }
    }

    /// Everything that a new conversation consists of. The place under the pair comes first: its cancellation reason names the winner.
    fn creation(
        &self,
        conversation: &Conversation,
        by: Role,
        blocks: Blocks,
    ) -> Result<Vec<TransactWriteItem>, BuildError> {
        let chat = &self.tables.chat;
        let new = |item: Item| -> Result<_, BuildError> {
            let put = Put::builder().table_name(chat).set_item(Some(item));
            let put = put
                .condition_expression("attribute_not_exists(pk)")
                .build()?;
            Ok(TransactWriteItem::builder().put(put).build())
        };
        let place = Put::builder()
            .table_name(chat)
            .set_item(Some(pair_item(conversation)))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()?;
        let still = |user: &UserId, other: &UserId, blocked: bool| -> Result<_, BuildError> {
            let condition = if blocked {
                "attribute_exists(pk)"
            } else {
                "attribute_not_exists(pk)"
            };
            let check = ConditionCheck::builder()
                .table_name(chat)
                .key("pk", text(key::user(user)))
                .key("sk", text(key::block(other)))
                .condition_expression(condition)
                .build()?;
            Ok(TransactWriteItem::builder().condition_check(check).build())
        };
        let mut items = vec![TransactWriteItem::builder().put(place).build()];
        items.push(new(conversation_item(conversation))?);
        for role in [Role::Customer, Role::Provider] {
            let user = conversation.user(role);
            let blocking = role == by && blocks.creator_blocks;
            items.push(new(new_member_item(
                &conversation.id,
                user,
                role,
                blocking,
            ))?);
            items.push(new(list_item(
                user,
                &conversation.id,
                conversation.listed_at,
            ))?);
        }
        let (creator, other) = (conversation.user(by), conversation.user(by.other()));
        items.push(still(other, creator, false)?);
        items.push(still(creator, other, blocks.creator_blocks)?);
        Ok(items)
    }
}

fn conversation_id(item: &Item) -> Result<ConversationId, Unreadable> {
    let id = item.get("conversation").and_then(|value| value.as_s().ok());
    id.and_then(|id| id.parse().ok())
        .ok_or(Unreadable("conversation"))
}

"""Which characters are read as which: accents dropped, traditional and Japanese forms simplified.

Source: Unicode decompositions (Latin letters); the simplified forms of GB 18030 and the Japanese
joyo forms of the characters that stand in exam names. Version 2026.11.
"""

import unicodedata

# Pairs: the form met, then the form the vocabulary is written in.
_HAN = """
頭头 顱颅 腦脑 頸颈 頚颈 頷颔 頜颌 頰颊 頂顶 顳颞 額额 顏颜 顔颜 臉脸 齒齿 歯齿 齦龈 顎颚 髮发
發发 臟脏 臓脏 膽胆 腎肾 脹胀 腸肠 膓肠 闌阑 陰阴 宮宫 內内 産产 產产 婦妇 嬰婴 兒儿 児儿 鉬钼
薦荐 盤盘 關关 関关 節节 腳脚 髖髋 脛胫 蹠跖 橈桡 撓桡 鎖锁 鎻锁 側侧 雙双 両双 兩两 單单 単单
純纯 電电 斷断 層层 攝摄 撮摄 掃扫 鳴鸣 檢检 検检 強强 増增 顯显 顕显 劑剂 剤剂 對对 対对 無无
與与 従从 從从 動动 靜静 脈脉 狀状 態态 縱纵 縦纵 橫横 體体 軟软 組组 織织 線线 綫线 鋇钡 嚥咽
氣气 気气 導导 療疗 腫肿 測测 試试 驗验 験验 診诊 圖图 図图 畫画 畵画 視视 覚觉 鏡镜 處处 処处
術术 後后 經经 経经 絡络 網网 聲声 擴扩 拡扩 張张 狹狭 彈弹 弾弹 鬆松 質质 積积 標标 準准 點点
滿满 満满 幹干 軀躯 負负 應应 応应 壓压 圧压 彎弯 灣湾 過过 雲云 際际 會会 議议 計计 數数 碼码
臺台 邊边 區区 島岛 喚唤 選选 淺浅 結结 纖纤 繊纤 維维 續续 補补 門门 閉闭 間间 軸轴 輸输 輪轮
週周 畢毕 舉举 齡龄 齢龄 歲岁 歳岁 銀银 鈣钙 鉀钾 竇窦 聽听 聴听 聾聋 蝸蜗 環环 樞枢 頦颏 顴颧
殘残 餘余 疊叠 蓋盖 貫贯 貧贫 費费 資资 賁贲 贅赘 癱瘫 癲癫 癇痫 癆痨 竈灶 燈灯 營营 鞏巩 韌韧
帶带 帯带 橋桥 葉叶 隻只 別别 細细 項项 預预 領领 類类 風风 飛飞 飲饮 養养 駝驼 髕髌 貳二 參参
雜杂 難难 離离 靈灵 劃划 創创 剝剥 勞劳 勢势 勵励 匯汇 協协 國国 圍围 團团 執执 場场 塊块 壞坏
聯联 膚肤 膠胶 膿脓 臍脐 臨临 舊旧 衛卫 裝装 裏里 褲裤 覽览 觀观 觸触 訊讯 註注 評评 該该 認认
說说 調调 護护 讀读 變变 胪颅 徑径 迴回 遠远 適适 遲迟 遙遥 醫医 釋释 釘钉 針针 鈎钩 鉤钩 鋼钢
錄录 錯错 鍵键 鑷镊 査查 嚢囊 総总 總总 靭韧 髄髓 転转 轉转 縮缩 統统 鏈链 釓钆 鎝锝 鍀锝 瘻瘘
瘺瘘 臥卧 牀床 異异 製制 誘诱 輔辅 輻辐 閃闪 爍烁 閱阅 陽阳 隨随 隱隐 頻频 氫氢 滲渗 濾滤 潰溃
燒烧 熱热 現现 瑪玛 監监 種种 窩窝 範范 篩筛 絕绝 綜综 緊紧 繞绕 莖茎 藥药 薬药 蟲虫 訂订 記记
許许 諾诺 謝谢 華华 湯汤 圓圆 円圆 夾夹 學学 実实 實实 寶宝 岡冈 峽峡 庫库 廣广 広广 徵征 惡恶
悪恶 掛挂 換换 擬拟 時时 乾干 係系 個个 備备 傳传 伝传 僅仅 價价 儲储 凍冻 攣挛 裡里 縫缝 顆颗
顫颤 遞递 連连 運运 進进 達达 鄰邻 釣钓 鈷钴 鐵铁 閾阈 階阶 順顺 須须 頓顿 飼饲 馬马 騎骑 驅驱
髏髅 齊齐 脫脱 艙舱 虛虚 號号 蛻蜕 衝冲 訴诉 詢询 誤误 談谈 謹谨 證证 豎竖 貝贝 賴赖 趕赶 車车
軌轨 較较 載载 輕轻 軽轻 辦办 農农 邏逻 郵邮 醜丑 鈴铃 銳锐 鎮镇 鐘钟 長长 開开 隊队 險险 頁页
顧顾 驚惊 鬥斗 魚鱼 鮮鲜 鳥鸟 麗丽 麥麦 黃黄 龍龙 偵侦 傷伤 傾倾 則则 務务 員员 問问 啟启 嚴严
報报 壯壮 壽寿 夢梦 孫孙 審审 寬宽 將将 尋寻 屬属 幾几 彙汇 恆恒 損损 撿捡 擇择 擊击 擠挤 據据
攜携 敗败 斂敛 於于 曉晓 書书 條条 來来 東东 極极 構构 樣样 樓楼 歷历 殺杀 決决 沒没 況况 為为
瑣琐 甦苏 癢痒 盡尽 睜睁 確确 禮礼 稱称 穩稳 竅窍 競竞 築筑 紅红 約约 級级 紙纸 紹绍 終终 給给
絲丝 編编 緩缓 練练 縣县 績绩 繪绘 繼继 纜缆 罰罚 職职 脅胁 覺觉 訓训 設设 詞词 話话 語语 誰谁
課课 請请 論论 謀谋 講讲 譯译 貴贵 買买 貼贴 購购 贊赞 闘斗 歩步 収收 続续 囲围 録录 発发 脇胁
斉齐 様样 栄荣 労劳 焼烧 猟猎 黒黑 読读 変变
"""

_LATIN = {"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d"}


def _without_accents() -> dict[int, str]:
    """Latin letters with accents, U+00C0 to U+024F, read as their base letter."""
    table: dict[int, str] = {}
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            table[code] = base.lower()
    return table


FOLD: dict[int, str] = {
    0x5F: " ",  # an underscore stands where a space may not
    **_without_accents(),
    **{ord(letter): plain for letter, plain in _LATIN.items()},
    **{ord(pair[0]): pair[1] for pair in _HAN.split()},
}
